using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Commands;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Output;

namespace NfRuntime.Cli.Fleet;

/// <summary>Shows how devices take a deployment, until each of them has ended: a table that lives on a terminal, a line a change elsewhere.</summary>
internal sealed class DeploymentWatch(CommandContext context, FleetClient client, DeploymentGoal goal)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly Dictionary<string, string> _told = [];
    private readonly LiveLines _live = new(context.Environment, context.Console);

    /// <summary>Waits, and says how it ended.</summary>
    /// <param name="deployment">As it was answered.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="named">The image or capsule as the user named it.</param>
    /// <returns>Success when every device is where it should be, else Failed.</returns>
    public async Task<int> RunAsync(FleetDeployment deployment, TimeSpan timeout, string named)
    {
        var waited = Stopwatch.StartNew();
        Show(deployment);
        while (!deployment.Devices.All(goal.IsReached) && waited.Elapsed < timeout)
        {
            await Task.Delay(Interval, context.Cancellation).ConfigureAwait(false);
            deployment = await client.DeploymentAsync(deployment.Id, context.Cancellation).ConfigureAwait(false);
            Show(deployment);
        }

        context.Console.Json(deployment, FleetResults.Default.FleetDeployment);
        context.Console.Line(DeploymentText.Summary(deployment, named));
        if (deployment.Devices.Any(device => !goal.IsReached(device)) && timeout > TimeSpan.Zero)
        {
            context.Console.Line($" Not all of them within {timeout.TotalSeconds:0} s (--timeout). They go on; capsule ps shows how far they are.");
        }

        return deployment.Devices.Count > 0 && deployment.Devices.All(goal.IsGood) ? ExitCode.Success : ExitCode.Failed;
    }

    private void Show(FleetDeployment deployment)
    {
        if (context.Console.IsJson)
        {
            return;
        }

        if (context.Console.IsInteractive)
        {
            _live.Draw(DeploymentText.Live(deployment.Devices, goal, context.Console));
            return;
        }

        int width = DeploymentText.NameWidth(deployment.Devices);
        foreach (DeploymentDevice device in deployment.Devices.Where(device => !_told.TryGetValue(device.Device, out string? told) || told != device.State))
        {
            _told[device.Device] = device.State;
            context.Console.Line(DeploymentText.Line(device, width, context.Console));
        }
    }
}
