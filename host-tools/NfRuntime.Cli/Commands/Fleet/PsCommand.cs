using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule ps: what serves where.</summary>
internal sealed class PsCommand : FleetCommand
{
    private readonly Argument<string?> _device = new("DEVICE") { Description = "One device. Default: all.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _previous = new("--previous") { Description = "Also the versions that capsule rollback goes back to." };

    public PsCommand(ToolEnvironment environment)
        : base(environment, "ps", "Shows which version of which capsule each device has, and how it does.", "capsule ps", "capsule ps gateway-01 --previous")
    {
        Add(_device);
        Add(_previous);
        AddFleetOptions();
    }

    protected override async Task<int> RunAsync(CommandContext context, FleetClient client)
    {
        await BrokerCheck.NoteAsync(context, client).ConfigureAwait(false);
        FleetDevice[] devices = DeviceFilter.Only(await client.DevicesAsync(context.Cancellation).ConfigureAwait(false), context.Value(_device));
        FleetStats[] stats = await client.StatsAsync(context.Cancellation).ConfigureAwait(false);
        PsRow[] rows = [.. devices.SelectMany(device => Rows(device, stats, context.Value(_previous)))];
        context.Console.Json(rows, FleetResults.Default.PsRowArray);
        if (rows.Length == 0)
        {
            context.Console.Line(devices.Length == 0 ? " No devices. capsule device enroll NAME lets one in." : " No capsules. capsule deploy IMAGE --all brings one.");
            return ExitCode.Success;
        }

        Write(context.Console, rows);
        foreach ((string device, FleetRefusal refusal) in devices.SelectMany(device => device.Refusals.Select(refusal => (device.Device, refusal))))
        {
            context.Console.Line($" {device}: refused {refusal.Name}: {refusal.Sentence}   → capsule why {device}");
        }

        return ExitCode.Success;
    }

    private static IEnumerable<PsRow> Rows(FleetDevice device, FleetStats[] stats, bool previous) =>
        from capsule in device.Capsules
        from version in capsule.Versions
        where previous || version.Place != "previous"
        select new PsRow(
            device.Device,
            device.Online,
            capsule.Name,
            version.Version,
            version.Image,
            version.State,
            capsule.Serving == version.Place,
            version.Since,
            version.Strikes,
            version.State == "fetching" ? capsule.Progress : null,
            stats.FirstOrDefault(s => s.Device == device.Device && s.Capsule == capsule.Name && s.Place == version.Place));

    private static void Write(ToolConsole console, PsRow[] rows)
    {
        var table = new TextTable("DEVICE", "CAPSULE", "VERSION", "IMAGE", "STATE", "SINCE", ">INFERENCES", ">P95", ">STRIKES", "");
        string before = string.Empty;
        foreach (PsRow row in rows)
        {
            table.Add(
                row.Device == before ? string.Empty : row.Device,
                row.Capsule,
                row.Version ?? "-",
                row.Image ?? "-",
                row is { State: "trial", Serving: false } ? "shadow" : row.State,
                Ages.Since(row.Since),
                row.Stats is { } stats ? Figures.Count(stats.Inferences) : "-",
                row.Stats is { Inferences: > 0 } timed ? Ages.Milliseconds(timed.P95Us) : "-",
                $"{row.Strikes}",
                row.Progress is { } progress ? DeploymentText.Bytes(progress) : row.Online ? string.Empty : "offline");
            before = row.Device;
        }

        table.WriteTo(console);
    }
}

/// <summary>One device of all.</summary>
internal static class DeviceFilter
{
    /// <exception cref="ToolException">There is no such device.</exception>
    public static FleetDevice[] Only(FleetDevice[] devices, string? name)
    {
        FleetDevice[] only = name is null ? devices : [.. devices.Where(device => device.Device == name)];
        return only.Length > 0 || name is null ? only : throw new ToolException(ErrorCodes.DeviceUnknown, $"There is no device \"{name}\".", "capsule devices lists the devices.");
    }
}
