using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using NfRuntime.Cli.Output;

namespace NfRuntime.Cli.Fleet;

/// <summary>How far the devices of a deployment are, in lines.</summary>
internal static class DeploymentText
{
    private const int BarWidth = 16;
    private const int MostLive = 16;

    /// <summary>A device's line: " gateway-03   fetching ████ 8.1 of 46.1 KB".</summary>
    /// <param name="device">The device.</param>
    /// <param name="width">Of the column of names.</param>
    /// <param name="console">Colours, and whether bars are drawn.</param>
    public static string Line(DeploymentDevice device, int width, ToolConsole console) =>
        $" {device.Device.PadRight(width)}   {State(device, console)}";

    /// <summary>What a terminal can show at once: the devices under way first, and how many more there are.</summary>
    public static IReadOnlyList<string> Live(IReadOnlyList<DeploymentDevice> devices, DeploymentGoal goal, ToolConsole console)
    {
        int width = NameWidth(devices);
        IEnumerable<DeploymentDevice> shown = devices.Count <= MostLive ? devices : devices.OrderBy(goal.IsReached).Take(MostLive);
        string[] lines = [.. shown.Select(device => Line(device, width, console))];
        return devices.Count <= MostLive ? lines : [.. lines, $" … {Figures.Plural(devices.Count - MostLive, "more device")}"];
    }

    public static int NameWidth(IReadOnlyList<DeploymentDevice> devices) => devices.Count == 0 ? 0 : devices.Max(device => device.Device.Length);

    /// <summary>The last line: "2 on trial, 1 refused. Confirm with: capsule confirm fashion:2".</summary>
    public static string Summary(FleetDeployment deployment, string named)
    {
        string counts = string.Join(", ", deployment.Devices.GroupBy(device => Word(deployment, device)).OrderBy(group => Order(group.First().State)).Select(group => $"{group.Count()} {group.Key}"));
        string next = deployment.Action is null or "deploy" && deployment.Devices.Any(device => device.State == "trial") ? $" Confirm with: capsule confirm {named}" : string.Empty;
        return counts.Length == 0 ? " No device." : $" {counts}.{next}";
    }

    /// <summary>8.1 of 46.1 KB.</summary>
    public static string Bytes(FleetProgress progress) => progress.Total < 10 << 10
        ? $"{Figures.Count(progress.Here)} of {Figures.Bytes(progress.Total)}"
        : $"{(progress.Here / 1024.0).ToString("N1", CultureInfo.InvariantCulture)} of {(progress.Total / 1024.0).ToString("N1", CultureInfo.InvariantCulture)} KB";

    private static string State(DeploymentDevice device, ToolConsole console) => device.State switch
    {
        "fetching" when device.Progress is { } progress => $"fetching   {Bar(progress, console)}{Bytes(progress)}",
        "refused" or "rejected" or "superseded" => $"{console.Bad(device.State)}: {(device.Sentence ?? "no reason was given").TrimEnd('.')}   → {device.Remedy ?? $"capsule why {device.Device}"}",
        "trial" or "confirmed" or "done" => console.Good(device.State) + (device.Progress is { } whole ? $"   {Bytes(whole)} fetched" : string.Empty),
        _ => device.State,
    };

    private static string Bar(FleetProgress progress, ToolConsole console)
    {
        if (!console.IsInteractive || progress.Total <= 0)
        {
            return string.Empty;
        }

        int full = (int)(System.Math.Clamp(progress.Here, 0, progress.Total) * BarWidth / progress.Total);
        return new string('█', full) + new string('░', BarWidth - full) + " ";
    }

    private static string Word(FleetDeployment deployment, DeploymentDevice device) => device.State switch
    {
        "trial" => "on trial",
        "done" => deployment.Action switch { "rollback" => "rolled back", "remove" => "removed", _ => "done" },
        "pending" => "not answering yet",
        { } state => state,
    };

    private static int Order(string state) => state switch { "confirmed" => 0, "done" => 0, "trial" => 1, "rejected" => 3, "refused" => 4, "superseded" => 4, "pending" => 5, _ => 2 };
}
