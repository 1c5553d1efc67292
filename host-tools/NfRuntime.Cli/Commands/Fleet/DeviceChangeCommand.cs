using System.CommandLine;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>A command that ends something of one device: capsule device revoke and retire.</summary>
internal abstract class DeviceChangeCommand : FleetCommand
{
    private readonly Argument<string> _device = new("DEVICE") { Description = "A device of the fleet." };

    protected DeviceChangeCommand(ToolEnvironment environment, string verb, string description)
        : base(environment, verb, description, $"capsule device {verb} gateway-07")
    {
        Add(_device);
        AddFleetOptions();
    }

    /// <summary>What the device is afterwards, for --json.</summary>
    protected abstract string Outcome { get; }

    protected abstract Task ChangeAsync(FleetClient client, string device, CancellationToken cancellation);

    /// <summary>For people: what that means.</summary>
    protected abstract string Sentence(string device);

    protected sealed override async Task<int> RunAsync(CommandContext context, FleetClient client)
    {
        string device = context.Value(_device);
        await ChangeAsync(client, device, context.Cancellation).ConfigureAwait(false);
        context.Console.Json(new DeviceChange(device, Outcome), FleetResults.Default.DeviceChange);
        context.Console.Line($" {Sentence(device)}");
        return ExitCode.Success;
    }
}
