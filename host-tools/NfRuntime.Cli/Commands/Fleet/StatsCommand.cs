using System.CommandLine;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule stats: times and decisions.</summary>
internal sealed class StatsCommand : FleetCommand
{
    private readonly Argument<string?> _device = new("DEVICE") { Description = "One device. Default: all.", Arity = ArgumentArity.ZeroOrOne };

    public StatsCommand(ToolEnvironment environment)
        : base(environment, "stats", "Shows how often and how fast capsules infer, what they decided, and how long the last swap took.", "capsule stats", "capsule stats gateway-01 --json")
    {
        Add(_device);
        AddFleetOptions();
    }

    protected override async Task<int> RunAsync(CommandContext context, FleetClient client)
    {
        FleetStats[] all = await client.StatsAsync(context.Cancellation).ConfigureAwait(false);
        string? device = context.Value(_device);
        if (device is not null)
        {
            DeviceFilter.Only(await client.DevicesAsync(context.Cancellation).ConfigureAwait(false), device);
        }

        FleetStats[] stats = [.. all.Where(s => device is null || s.Device == device)];
        context.Console.Json(stats, FleetResults.Default.FleetStatsArray);
        if (stats.Length == 0)
        {
            context.Console.Line(" No figures yet: devices send them once a minute while something infers.");
            return ExitCode.Success;
        }

        var table = new TextTable("DEVICE", "CAPSULE", "PLACE", ">INFERENCES", ">ERRORS", ">MEAN", ">P95", ">MAX", ">SWAP", ">STRIKES", "SHADOW", "DECISIONS");
        foreach (FleetStats s in stats)
        {
            table.Add(
                s.Device,
                s.Capsule,
                s.Place ?? "-",
                Figures.Count(s.Inferences),
                Figures.Count(s.Errors),
                Ages.Milliseconds(s.MeanUs),
                Ages.Milliseconds(s.P95Us),
                Ages.Milliseconds(s.MaxUs),
                s.BlackoutUs > 0 ? Ages.Milliseconds(s.BlackoutUs) : "-",
                $"{s.Strikes}",
                s.Compared > 0 ? $"{Figures.Count(s.Disagreements)} of {Figures.Count(s.Compared)} differ" : "-",
                string.Join(' ', s.Classes));
        }

        table.WriteTo(context.Console);
        return ExitCode.Success;
    }
}
