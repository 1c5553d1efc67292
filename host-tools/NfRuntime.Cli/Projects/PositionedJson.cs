using System;
using System.Collections.Generic;
using System.Text.Json;

namespace NfRuntime.Cli.Projects;

/// <summary>A JSON value that knows its line and its place.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Line">1 for the first line.</param>
/// <param name="Path">Such as <c>vectors.count</c> or <c>targets[1]</c>; empty for the document.</param>
internal sealed record PositionedValue(JsonTokenType Kind, int Line, string Path)
{
    /// <summary>Text of a string or number.</summary>
    public string Text { get; init; } = string.Empty;

    /// <summary>Members of an object, in order.</summary>
    public List<(string Name, PositionedValue Value)> Members { get; } = [];

    /// <summary>Items of an array.</summary>
    public List<PositionedValue> Items { get; } = [];
}

/// <summary>Parses JSON and keeps the lines. No comments, no trailing commas, no property twice.</summary>
internal static class PositionedJson
{
    private const int MaxDepth = 16;

    /// <exception cref="JsonException">Not JSON.</exception>
    /// <exception cref="DuplicatePropertyException">A property stands twice.</exception>
    public static PositionedValue Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8[3..];
        }

        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        var lines = new LineCounter(utf8);
        reader.Read();
        PositionedValue root = ReadValue(ref reader, ref lines, string.Empty);
        while (reader.Read())
        {
            // Only the end of the document follows; anything else throws.
        }

        return root;
    }

    private static PositionedValue ReadValue(ref Utf8JsonReader reader, ref LineCounter lines, string path)
    {
        int line = lines.LineOf(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var whole = new PositionedValue(JsonTokenType.StartObject, line, path);
                ReadMembers(ref reader, ref lines, whole);
                return whole;
            case JsonTokenType.StartArray:
                var array = new PositionedValue(JsonTokenType.StartArray, line, path);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    array.Items.Add(ReadValue(ref reader, ref lines, $"{path}[{array.Items.Count}]"));
                }

                return array;
            case JsonTokenType.String:
                return new PositionedValue(JsonTokenType.String, line, path) { Text = Text(ref reader) };
            case JsonTokenType.Number:
                return new PositionedValue(JsonTokenType.Number, line, path) { Text = System.Text.Encoding.ASCII.GetString(reader.ValueSpan) };
            default:
                return new PositionedValue(reader.TokenType, line, path);
        }
    }

    private static void ReadMembers(ref Utf8JsonReader reader, ref LineCounter lines, PositionedValue whole)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = Text(ref reader);
            string path = whole.Path.Length == 0 ? name : $"{whole.Path}.{name}";
            if (whole.Members.Exists(member => member.Name == name))
            {
                throw new DuplicatePropertyException(lines.LineOf(reader.TokenStartIndex), path);
            }

            reader.Read();
            whole.Members.Add((name, ReadValue(ref reader, ref lines, path)));
        }
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a string is no well-formed Unicode", e);
        }
    }

    private ref struct LineCounter(ReadOnlySpan<byte> utf8)
    {
        private readonly ReadOnlySpan<byte> _utf8 = utf8;
        private int _position;
        private int _line = 1;

        public int LineOf(long position)
        {
            _line += _utf8[_position..(int)position].Count((byte)'\n');
            _position = (int)position;
            return _line;
        }
    }
}

/// <summary>A property stands twice in one object.</summary>
internal sealed class DuplicatePropertyException(int line, string path) : Exception($"\"{path}\" stands twice")
{
    public int Line { get; } = line;
}
