using System.CommandLine;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;
using NfRuntime.Cli.Registry;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule logout: forgets the login for a registry.</summary>
internal sealed class LogoutCommand : ToolCommand
{
    private readonly Argument<string> _registryName = new("REGISTRY") { Description = "HOST[:PORT]" };
    private readonly Option<bool> _json = JsonOption();

    public LogoutCommand(ToolEnvironment environment)
        : base(environment, "logout", "Forgets the login for a registry.", "capsule logout registry.example.com")
    {
        Add(_registryName);
        Add(_json);
    }

    protected override Task<int> RunAsync(CommandContext context)
    {
        string host = RegistryOptionSet.RequireRegistry(context.Value(_registryName));
        bool had = RegistryOptionSet.Logins(context.Environment).Logout(host);
        context.Console.Json(new LogoutShape(host, had), Shapes.Default.LogoutShape);
        context.Console.Line(had ? $" logged out of {host}" : $" there was no login for {host}");
        return Task.FromResult(ExitCode.Success);
    }
}
