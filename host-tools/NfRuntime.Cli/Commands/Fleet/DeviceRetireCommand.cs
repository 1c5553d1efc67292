using System.CommandLine;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule device retire: revoked and forgotten.</summary>
internal sealed class DeviceRetireCommand : FleetCommand
{
    private readonly Argument<string> _device = new("DEVICE") { Description = "A device of the fleet." };

    public DeviceRetireCommand(ToolEnvironment environment)
        : base(environment, "retire", "Revokes a device's credential, forgets the device, and clears what the broker keeps of it.", "capsule device retire gateway-07")
    {
        Add(_device);
        AddFleetOptions();
    }

    protected override async Task<int> RunAsync(CommandContext context, FleetClient client)
    {
        string device = context.Value(_device);
        await client.RetireAsync(device, context.Cancellation).ConfigureAwait(false);
        context.Console.Json(new DeviceChange(device, "retired"), FleetResults.Default.DeviceChange);
        context.Console.Line($" {device} is no longer of the fleet.");
        return ExitCode.Success;
    }
}
