using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule device revoke: the device cannot connect any more.</summary>
internal sealed class DeviceRevokeCommand(ToolEnvironment environment) : DeviceChangeCommand(environment, "revoke", "Revokes a device's credential: it is disconnected and stays known. What it serves goes on.")
{
    protected override string Outcome => "revoked";

    protected override Task ChangeAsync(FleetClient client, string device, CancellationToken cancellation) => client.RevokeAsync(device, cancellation);

    protected override string Sentence(string device) => $"{device} cannot connect any more. Let it in again with: capsule device enroll {device}";
}
