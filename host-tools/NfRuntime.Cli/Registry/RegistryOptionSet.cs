using System.CommandLine;
using System.IO;
using NfRuntime.Cli.Commands;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Registry;

namespace NfRuntime.Cli.Registry;

/// <summary>The options of every command that talks to a registry, and the logins in the tool's home.</summary>
internal sealed class RegistryOptionSet
{
    private readonly Option<bool> _plainHttp = new("--plain-http") { Description = "No TLS, to a registry that is not on this machine; logins are not sent." };
    private readonly Option<bool> _tls = new("--tls") { Description = "TLS to a registry on this machine too." };

    public void AddTo(Command command)
    {
        command.Add(_plainHttp);
        command.Add(_tls);
    }

    /// <summary>Without a login.</summary>
    public RegistryOptions Read(CommandContext context) => context.Value(_plainHttp) && context.Value(_tls)
        ? throw new ToolException(ErrorCodes.OptionValue, "--plain-http and --tls exclude each other.", "Give one of them.")
        : new RegistryOptions { PlainHttp = context.Value(_plainHttp), LoopbackTls = context.Value(_tls) };

    /// <summary>With the login for the registry, where there is one.</summary>
    public RegistryOptions Read(CommandContext context, ImageReference reference) => Read(context) with
    {
        Credential = reference.Host is { } host ? Logins(context.Environment).Find(host) : null,
    };

    public static RegistryLogins Logins(ToolEnvironment environment) => Logins(new ToolHome(environment));

    public static RegistryLogins Logins(ToolHome home) => new(Path.Combine(home.Root, "registries.json"));

    /// <exception cref="ToolException">It names no registry.</exception>
    public static ImageReference RequireHost(string text)
    {
        ImageReference reference = ImageReference.Parse(text);
        return reference.Host is not null
            ? reference
            : throw new ToolException(ErrorCodes.OptionValue, $"{text} names no registry.", $"Write HOST[:PORT]/{reference}, for example localhost:5000/{reference}.");
    }

    /// <summary>A registry's <c>host[:port]</c>.</summary>
    /// <exception cref="ToolException">Something else.</exception>
    public static string RequireRegistry(string text) =>
        ImageReference.TryParse(text + "/x", out ImageReference? reference) && reference.Host == text
            ? text
            : throw new ToolException(ErrorCodes.OptionValue, $"\"{text}\" is no registry.", "Write HOST[:PORT], for example localhost:5000 or registry.example.com.");
}
