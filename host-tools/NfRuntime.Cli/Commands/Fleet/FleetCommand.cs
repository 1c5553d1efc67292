using System.CommandLine;
using System.Threading.Tasks;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>A command that talks to a controller: the playground's, or the one that --fleet names.</summary>
internal abstract class FleetCommand : ToolCommand
{
    private readonly FleetOptions _fleet = new();

    protected FleetCommand(ToolEnvironment environment, string name, string description, params string[] examples)
        : base(environment, name, description, examples)
    {
    }

    /// <summary>Adds the options that every such command has; the last of the constructor.</summary>
    protected void AddFleetOptions()
    {
        _fleet.AddTo(this);
        Add(JsonOption());
    }

    protected override async Task<int> RunAsync(CommandContext context)
    {
        using FleetClient client = _fleet.Connect(context);
        return await RunAsync(context, client).ConfigureAwait(false);
    }

    /// <summary>Does the work; the result is the exit code.</summary>
    protected abstract Task<int> RunAsync(CommandContext context, FleetClient client);
}

/// <summary>Which controller.</summary>
internal sealed class FleetOptions
{
    private readonly Option<string?> _url = new("--fleet") { Description = $"The controller, with an operator's token in ${FleetContext.TokenVariable}. Default: the playground's.", HelpName = "URL" };
    private readonly Option<string?> _ca = new("--fleet-ca") { Description = "The CA that signed the controller's certificate (PEM). Default: what this machine trusts.", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        command.Add(_url);
        command.Add(_ca);
    }

    public FleetClient Connect(CommandContext context) => new(FleetContext.Find(context.Value(_url), context.Value(_ca), context.Environment));
}
