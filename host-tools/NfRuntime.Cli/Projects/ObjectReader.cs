using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using NfRuntime.Cli.Errors;

namespace NfRuntime.Cli.Projects;

/// <summary>Takes the properties of one object of a JSON document by name; what is left over at <see cref="Finish"/> is an error.</summary>
/// <param name="kind">What the document is.</param>
/// <param name="file">Path of the file, for messages.</param>
/// <param name="value">The object.</param>
internal sealed class ObjectReader(DocumentKind kind, string file, PositionedValue value)
{
    private readonly List<string> _known = [];

    /// <summary>Whether the property is there.</summary>
    public bool Has(string name) => value.Members.Exists(member => member.Name == name);

    public string String(string name) => OptionalString(name) ?? throw MissingProperty(name);

    /// <exception cref="ToolException">Not a string, or an empty one.</exception>
    public string? OptionalString(string name) => Take(name) switch
    {
        null => null,
        { Kind: JsonTokenType.String, Text.Length: > 0 } found => found.Text,
        var found => throw Wrong(found, "is no text"),
    };

    /// <summary>A string for which <paramref name="isValid"/> holds.</summary>
    public string String(string name, Func<string, bool> isValid, string expected)
    {
        PositionedValue found = Take(name) ?? throw MissingProperty(name);
        return found.Kind == JsonTokenType.String && isValid(found.Text) ? found.Text : throw Wrong(found, $"is {Show(found)}; expected {expected}");
    }

    /// <summary>One of a few words.</summary>
    public T? Word<T>(string name, IReadOnlyDictionary<string, T> words)
        where T : struct
    {
        PositionedValue? found = Take(name);
        return found is null ? null
            : found.Kind == JsonTokenType.String && words.TryGetValue(found.Text, out T word) ? word
            : throw Wrong(found, $"is {Show(found)}; expected one of {string.Join(", ", words.Keys)}");
    }

    public long Integer(string name, long min, long max, long otherwise)
    {
        PositionedValue? found = Take(name);
        return found is null ? otherwise
            : found.Kind == JsonTokenType.Number && long.TryParse(found.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= min && number <= max
                ? number
                : throw Wrong(found, $"is {Show(found)}; expected an integer from {min} to {max}");
    }

    /// <summary>An integer that has to be there.</summary>
    public long Integer(string name, long min, long max) => Has(name) ? Integer(name, min, max, 0) : throw MissingProperty(name);

    /// <summary>True or false, and it has to be there.</summary>
    public bool Boolean(string name) => Has(name) ? Boolean(name, false) : throw MissingProperty(name);

    public bool Boolean(string name, bool otherwise) => Take(name) switch
    {
        null => otherwise,
        { Kind: JsonTokenType.True } => true,
        { Kind: JsonTokenType.False } => false,
        var found => throw Wrong(found, $"is {Show(found)}; expected true or false"),
    };

    public double? Number(string name) => Take(name) is { } found ? Number(found) : null;

    /// <summary>A number, or an array of 1 to <paramref name="max"/> of them; empty when absent.</summary>
    public IReadOnlyList<double> Numbers(string name, int max)
    {
        PositionedValue? found = Take(name);
        return found switch
        {
            null => [],
            { Kind: JsonTokenType.StartArray } when found.Items.Count >= 1 && found.Items.Count <= max => [.. found.Items.Select(Number)],
            { Kind: JsonTokenType.StartArray } => throw Wrong(found, $"has {found.Items.Count} numbers; expected 1 to {max}"),
            _ => [Number(found)],
        };
    }

    /// <summary>The items of an array; none when absent.</summary>
    public IReadOnlyList<PositionedValue> Items(string name) => Take(name) switch
    {
        null => [],
        { Kind: JsonTokenType.StartArray } found => found.Items,
        var found => throw Wrong(found, $"is {Show(found)}; expected an array"),
    };

    /// <summary>A nested object; null when absent.</summary>
    public ObjectReader? Object(string name) => Take(name) is { } found ? Nested(found) : null;

    /// <summary>An item of an array as an object.</summary>
    public ObjectReader Nested(PositionedValue item) => item.Kind == JsonTokenType.StartObject
        ? new ObjectReader(kind, file, item)
        : throw Wrong(item, $"is {Show(item)}; expected an object");

    /// <summary>An item of an array as text.</summary>
    public string Text(PositionedValue item, Func<string, bool> isValid, string expected) => item.Kind == JsonTokenType.String && isValid(item.Text)
        ? item.Text
        : throw Wrong(item, $"is {Show(item)}; expected {expected}");

    /// <summary>Refuses properties that nobody asked for.</summary>
    public void Finish()
    {
        foreach ((string name, PositionedValue member) in value.Members.Where(member => !_known.Contains(member.Name)))
        {
            throw new ToolException(
                kind.Property,
                $"{file} line {member.Line}: property \"{member.Path}\" is unknown.",
                $"{(value.Path.Length == 0 ? $"A {kind.Noun}" : $"\"{value.Path}\"")} has: {string.Join(", ", _known)}.");
        }
    }

    /// <summary>An error about one property of this object.</summary>
    public ToolException Wrong(string name, string what)
    {
        PositionedValue at = value.Members.Find(member => member.Name == name).Value ?? value;
        return Wrong(at.Path.Length == 0 ? at with { Path = name } : at, what);
    }

    private static string Show(PositionedValue found) => found.Kind switch
    {
        JsonTokenType.String => $"\"{found.Text}\"",
        JsonTokenType.Number => found.Text,
        JsonTokenType.StartArray => "an array",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.Null => "null",
        _ => found.Kind == JsonTokenType.True ? "true" : "false",
    };

    private double Number(PositionedValue found) =>
        found.Kind == JsonTokenType.Number && double.TryParse(found.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw Wrong(found, $"is {Show(found)}; expected a number");

    private PositionedValue? Take(string name)
    {
        _known.Add(name);
        return value.Members.Find(member => member.Name == name).Value;
    }

    private ToolException MissingProperty(string name) => new(
        kind.Property,
        $"{file} line {value.Line}: {(value.Path.Length == 0 ? $"the {kind.Noun}" : $"\"{value.Path}\"")} has no \"{name}\".",
        $"{kind.Reference} describes every property.");

    private ToolException Wrong(PositionedValue at, string what) => new(
        kind.Property,
        $"{file} line {at.Line}: property \"{at.Path}\" {what}.",
        $"{kind.Reference} describes every property.");
}
