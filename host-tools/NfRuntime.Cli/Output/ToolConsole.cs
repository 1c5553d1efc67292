using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Output;

/// <summary>Where a command's results go: lines for people, or one JSON document for programs.</summary>
internal sealed class ToolConsole(ToolEnvironment environment, bool json)
{
    private const string Green = "\u001b[32m";
    private const string Red = "\u001b[31m";
    private const string Plain = "\u001b[0m";

    /// <summary>Whether the result is to be JSON; then lines are not written.</summary>
    public bool IsJson { get; } = json;

    /// <summary>Whether a bar that redraws itself may be shown.</summary>
    public bool IsInteractive => !IsJson && environment.OutIsTerminal && environment.MayColor;

    /// <summary>A line of the result.</summary>
    public void Line(string text = "")
    {
        if (!IsJson)
        {
            environment.Out.WriteLine(text.TrimEnd());
        }
    }

    /// <summary>A line of a report on a step: " compile   cortex-m4   …".</summary>
    public void Step(string step, string text) => Line($" {step,-9} {text}");

    /// <summary>A remark that is no result: standard error.</summary>
    public void Note(string text) => environment.Error.WriteLine(text);

    /// <summary>The result as JSON.</summary>
    public void Json<T>(T value, JsonTypeInfo<T> shape)
    {
        if (IsJson)
        {
            environment.Out.WriteLine(JsonSerializer.Serialize(value, shape));
        }
    }

    /// <summary>Colours a state that is as it should be.</summary>
    public string Good(string text) => Colour(Green, text);

    /// <summary>Colours a state that is not.</summary>
    public string Bad(string text) => Colour(Red, text);

    private string Colour(string colour, string text) => IsInteractive ? colour + text + Plain : text;
}
