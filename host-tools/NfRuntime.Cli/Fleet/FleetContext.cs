using System;
using System.IO;
using System.Text.Json;
using System.Text.Json.Serialization;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;

namespace NfRuntime.Cli.Fleet;

/// <summary>Which controller the tool talks to.</summary>
/// <param name="Url">Of the HTTP API; http on loopback only.</param>
/// <param name="Token">An operator's.</param>
/// <param name="Ca">File with the CA that signed the controller's certificate (PEM); null: what this machine trusts.</param>
internal sealed record FleetContext(Uri Url, string Token, string? Ca)
{
    public const string TokenVariable = "NFR_FLEET_TOKEN";

    /// <summary>The file that <c>capsule up</c> writes, readable by its owner alone.</summary>
    public static string FileIn(ToolHome home) => Path.Combine(home.Playground, "context.json");

    /// <summary>The controller at <paramref name="url"/> with the token of the environment; without a URL the playground's.</summary>
    /// <exception cref="ToolException">There is none, or it cannot be used.</exception>
    public static FleetContext Find(string? url, string? ca, ToolEnvironment environment)
    {
        if (url is null)
        {
            return ReadFile(FileIn(new ToolHome(environment)));
        }

        string token = environment.Variable(TokenVariable) ?? throw new ToolException(
            ErrorCodes.FleetToken, $"{url} needs an operator's token.", $"Set ${TokenVariable}.");
        return new FleetContext(CheckUrl(url), token, ca);
    }

    /// <summary>Writes the file; an existing one is replaced.</summary>
    public static void WriteFile(string path, FleetContext context) => AtomicFile.WritePrivate(
        path, JsonSerializer.SerializeToUtf8Bytes(new ContextFile(context.Url.ToString(), context.Token, context.Ca), ContextShapes.Default.ContextFile));

    private static FleetContext ReadFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new ToolException(ErrorCodes.FleetAbsent, "No fleet is named, and no playground is up.", "capsule up starts a playground on this machine; --fleet URL names a controller.");
        }

        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
        {
            throw new ToolException(ErrorCodes.KeyUnusable, $"{path} holds a token and can be read by others.", $"chmod 600 {path}");
        }

        try
        {
            ContextFile file = JsonSerializer.Deserialize(File.ReadAllBytes(path), ContextShapes.Default.ContextFile) ?? throw new JsonException();
            return new FleetContext(CheckUrl(file.Fleet), file.Token, file.Ca);
        }
        catch (JsonException e)
        {
            throw new ToolException(ErrorCodes.FleetAnswer, $"{path} is not what capsule up writes.", "capsule down, then capsule up.", e);
        }
    }

    private static Uri CheckUrl(string text)
    {
        bool isUrl = Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https";
        if (!isUrl || (url!.Scheme == "http" && !url.IsLoopback))
        {
            throw new ToolException(ErrorCodes.OptionValue, $"--fleet: \"{text}\" is no URL of a controller.", "https://host:port; http on this machine only, since the token would be readable on the way.");
        }

        return url;
    }
}

/// <summary>context.json.</summary>
internal sealed record ContextFile(string Fleet, string Token, string? Ca);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = false)]
[JsonSerializable(typeof(ContextFile))]
internal sealed partial class ContextShapes : JsonSerializerContext;
