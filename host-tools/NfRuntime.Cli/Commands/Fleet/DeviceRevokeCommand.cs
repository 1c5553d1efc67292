using System.CommandLine;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule device revoke: the device cannot connect any more.</summary>
internal sealed class DeviceRevokeCommand : FleetCommand
{
    private readonly Argument<string> _device = new("DEVICE") { Description = "A device of the fleet." };

    public DeviceRevokeCommand(ToolEnvironment environment)
        : base(environment, "revoke", "Revokes a device's credential: it is disconnected and stays known. What it serves goes on.", "capsule device revoke gateway-07")
    {
        Add(_device);
        AddFleetOptions();
    }

    protected override async Task<int> RunAsync(CommandContext context, FleetClient client)
    {
        string device = context.Value(_device);
        await client.RevokeAsync(device, context.Cancellation).ConfigureAwait(false);
        context.Console.Json(new DeviceChange(device, "revoked"), FleetResults.Default.DeviceChange);
        context.Console.Line($" {device} cannot connect any more. Let it in again with: capsule device enroll {device}");
        return ExitCode.Success;
    }
}
