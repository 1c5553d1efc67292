using System.CommandLine;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;
using NfRuntime.Cli.Registry;
using NfRuntime.Images.Registry;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule login: asks a registry whether it takes a login, and keeps it for push and pull.</summary>
internal sealed class LoginCommand : ToolCommand
{
    private readonly Argument<string> _registryName = new("REGISTRY") { Description = "HOST[:PORT]" };
    private readonly Option<string> _user = new("--username", "-u") { Description = "The user.", HelpName = "USER", Required = true };
    private readonly Option<bool> _stdin = new("--password-stdin") { Description = "Read the password or access token from standard input.", Required = true };
    private readonly RegistryOptionSet _registry = new();
    private readonly Option<bool> _json = JsonOption();

    public LoginCommand(ToolEnvironment environment)
        : base(environment, "login", "Logs in to a registry; the login is kept in a file that only you may read.", "capsule login registry.example.com -u ada --password-stdin")
    {
        Add(_registryName);
        Add(_user);
        Add(_stdin);
        _registry.AddTo(this);
        Add(_json);
    }

    protected override async Task<int> RunAsync(CommandContext context)
    {
        string host = RegistryOptionSet.RequireRegistry(context.Value(_registryName));
        var credential = new RegistryCredential(context.Value(_user), await ReadPasswordAsync(context).ConfigureAwait(false));
        RegistryOptions options = _registry.Read(context) with { Credential = credential };
        await RegistryOptionSet.Logins(context.Environment).LoginAsync(host, options, context.Cancellation).ConfigureAwait(false);
        context.Console.Json(new LoginShape(host, credential.User), Shapes.Default.LoginShape);
        context.Console.Line($" logged in to {host} as {credential.User}");
        return ExitCode.Success;
    }

    // One line ending is no part of it: echo and files have one.
    private static async Task<string> ReadPasswordAsync(CommandContext context)
    {
        var text = new char[RegistryCredential.MaxPasswordLength + 3];
        int length = await context.Environment.In.ReadBlockAsync(text, context.Cancellation).ConfigureAwait(false);
        string password = new(text, 0, length);
        return password.EndsWith("\r\n", System.StringComparison.Ordinal) ? password[..^2] : password.EndsWith('\n') ? password[..^1] : password;
    }
}
