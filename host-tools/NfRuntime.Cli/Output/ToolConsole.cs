using System;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Output;

/// <summary>Where a command's results go: lines for people, or one JSON document for programs.</summary>
internal sealed class ToolConsole(ToolEnvironment environment, bool json)
{
    private const string EndMark = "\uE002";
    private const string Plain = "\u001b[0m";
    private static readonly (string Mark, string Colour)[] Colours = [("\uE000", "\u001b[32m"), ("\uE001", "\u001b[31m")];

    /// <summary>Whether the result is to be JSON; then lines are not written.</summary>
    public bool IsJson { get; } = json;

    /// <summary>Whether a bar that redraws itself may be shown.</summary>
    public bool IsInteractive => !IsJson && environment.OutIsTerminal && environment.MayColor;

    /// <summary>Columns of the terminal; null when the result goes to a file or a pipe.</summary>
    public int? Width => environment.OutWidth;

    /// <summary>A line of the result.</summary>
    public void Line(string text = "")
    {
        if (!IsJson)
        {
            environment.Out.WriteLine(Coloured(Printable.Line(text).TrimEnd()));
        }
    }

    /// <summary>
    /// Text under a label: " why             The chain …"; on a terminal it goes on below itself where a line ends.
    /// </summary>
    public void Labelled(string label, string text)
    {
        const int Indent = 17;
        int room = Math.Max(20, (Width ?? int.MaxValue) - Indent);
        string head = $" {label,-15} ";
        while (text.Length > room)
        {
            int space = text.LastIndexOf(' ', room);
            int end = space > 0 ? space : room;
            Line(head + text[..end]);
            text = text[end..].TrimStart();
            head = new string(' ', Indent);
        }

        Line(head + text);
    }

    /// <summary>A line of a report on a step: " compile   cortex-m4   …".</summary>
    public void Step(string step, string text) => Line($" {step,-9} {text}");

    /// <summary>A remark that is no result: standard error.</summary>
    public void Note(string text) => environment.Error.WriteLine(Printable.Line(text));

    /// <summary>The result as JSON.</summary>
    public void Json<T>(T value, JsonTypeInfo<T> shape)
    {
        if (IsJson)
        {
            environment.Out.WriteLine(JsonSerializer.Serialize(value, shape));
        }
    }

    /// <summary>Colours a state that is as it should be.</summary>
    public string Good(string text) => Marked(0, text);

    /// <summary>Colours a state that is not.</summary>
    public string Bad(string text) => Marked(1, text);

    // Escape sequences are set in after the text was made safe, in the place of marks of the private use area; a stranger's mark could colour a word, no more.
    private string Marked(int colour, string text) => IsInteractive ? Colours[colour].Mark + text + EndMark : text;

    private string Coloured(string text)
    {
        if (!IsInteractive)
        {
            return text;
        }

        foreach ((string mark, string colour) in Colours)
        {
            text = text.Replace(mark, colour, System.StringComparison.Ordinal);
        }

        return text.Replace(EndMark, Plain, System.StringComparison.Ordinal);
    }
}
