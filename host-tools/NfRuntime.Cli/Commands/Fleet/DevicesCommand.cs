using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule devices: who belongs to the fleet.</summary>
internal sealed class DevicesCommand : FleetCommand
{
    public DevicesCommand(ToolEnvironment environment)
        : base(environment, "devices", "Lists the devices of the fleet.", "capsule devices", "capsule devices --json") => AddFleetOptions();

    protected override async Task<int> RunAsync(CommandContext context, FleetClient client)
    {
        await BrokerCheck.NoteAsync(context, client).ConfigureAwait(false);
        FleetDevice[] devices = await client.DevicesAsync(context.Cancellation).ConfigureAwait(false);
        context.Console.Json(devices, FleetResults.Default.FleetDeviceArray);
        if (devices.Length == 0)
        {
            context.Console.Line(" No devices. capsule device enroll NAME lets one in.");
            return ExitCode.Success;
        }

        var table = new TextTable("DEVICE", "BOARD", "TARGET", ">CAPSULES", ">STORE FREE", ">KEYS", ">GENERATION", "STATE", "SEEN");
        foreach (FleetDevice device in devices)
        {
            table.Add(
                device.Device,
                device.Board ?? "-",
                device.Target ?? "-",
                $"{device.Capsules.Count}",
                device.Store is { } store ? Figures.Size(store.Free) : "-",
                $"{device.KeyListVersion ?? 0}",
                device.ObservedGeneration == device.Generation ? $"{device.Generation}" : $"{device.ObservedGeneration} of {device.Generation}",
                device.Online ? "online" : "offline",
                device.Online ? "now" : device.LastSeen is null ? "never" : Ages.Since(device.LastSeen));
        }

        table.WriteTo(context.Console);
        if (devices.Count(device => !device.Online) is > 0 and int offline)
        {
            context.Console.Line($" {devices.Length - offline} of {devices.Length} online.");
        }

        return ExitCode.Success;
    }
}
