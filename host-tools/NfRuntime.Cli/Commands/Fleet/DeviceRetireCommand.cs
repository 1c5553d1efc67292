using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule device retire: revoked and forgotten.</summary>
internal sealed class DeviceRetireCommand(ToolEnvironment environment) : DeviceChangeCommand(environment, "retire", "Revokes a device's credential, forgets the device, and clears what the broker keeps of it.")
{
    protected override string Outcome => "retired";

    protected override Task ChangeAsync(FleetClient client, string device, CancellationToken cancellation) => client.RetireAsync(device, cancellation);

    protected override string Sentence(string device) => $"{device} is no longer of the fleet.";
}
