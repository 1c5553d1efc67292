using System.IO;
using System.Text.Json;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Models;

namespace NfRuntime.Cli.Projects;

/// <summary>A kind of JSON document that is read strictly, and how its errors are called.</summary>
/// <param name="Noun">As in "A project has …".</param>
/// <param name="FileName">As in "capsule.json is plain JSON".</param>
/// <param name="Reference">Where its properties are described.</param>
/// <param name="Syntax">Kind of error when it is no JSON.</param>
/// <param name="Property">Kind of error when a property is wrong.</param>
internal sealed record DocumentKind(string Noun, string FileName, string Reference, ErrorCode Syntax, ErrorCode Property)
{
    private const int MaxBytes = 1 << 20;

    public static readonly DocumentKind Project = new("project", "capsule.json", "docs/reference/capsule-json.md", ErrorCodes.ProjectJson, ErrorCodes.ProjectProperty);

    public static readonly DocumentKind Board = new("board", "board.json", "boards/README.md", ErrorCodes.BoardFile, ErrorCodes.BoardFile);

    /// <summary>The document's outermost object.</summary>
    /// <exception cref="ToolException">The file is empty or too large, no JSON, or no object.</exception>
    public ObjectReader Open(string file)
    {
        NamedFile.RequireContent(file);
        if (new FileInfo(file).Length > MaxBytes)
        {
            throw new ToolException(Syntax, $"{file} has more than {MaxBytes:N0} bytes.", "Is it the right file?");
        }

        try
        {
            PositionedValue root = PositionedJson.Parse(File.ReadAllBytes(file));
            return root.Kind == JsonTokenType.StartObject
                ? new ObjectReader(this, file, root)
                : throw new ToolException(Syntax, $"{file} is no JSON object.", $"{Reference} has an example.");
        }
        catch (JsonException e)
        {
            string detail = e.Message.Split(" LineNumber", 2)[0].TrimEnd('.');
            throw new ToolException(Syntax, $"{file} line {(e.LineNumber ?? 0) + 1}: {detail}.", $"{FileName} is plain JSON: no comments, no trailing commas.", e);
        }
        catch (DuplicatePropertyException e)
        {
            throw new ToolException(Property, $"{file} line {e.Line}: property {e.Message}.", "Keep one of them.", e);
        }
    }
}
