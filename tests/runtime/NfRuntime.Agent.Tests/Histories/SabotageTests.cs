using System.Linq;
using NfRuntime.Agent.Tests.Scenarios;
using NfRuntime.Simulation.Capsules;
using NfRuntime.Simulation.Histories;
using NfRuntime.Simulation.World;
using Xunit;

namespace NfRuntime.Agent.Tests.Histories;

/// <summary>The verdict of a history can fail: with a fault put in, one of a few histories notices.</summary>
public class SabotageTests
{
    private const int Histories = 10;

    private static readonly Shop _shop = new(Scenario.Publisher);

    [Theory]
    [InlineData(Sabotage.DeviceSubscribesOnce, "does not come to rest")]
    [InlineData(Sabotage.DeviceForgetsWanted, "does not come to rest")]
    [InlineData(Sabotage.DeviceStatesOnce, "does not come to rest")]
    [InlineData(Sabotage.DistributorLeavesOut, "does not come to rest")]
    [InlineData(Sabotage.DistributorCorrupts, "does not come to rest")]
    [InlineData(Sabotage.BrokerKeepsFirst, "does not come to rest")]
    internal void A_fault_that_is_put_in_is_noticed(Sabotage sabotage, string verdict) =>
        Assert.Contains(Enumerable.Range(1, Histories).Select(seed => Live(seed, sabotage)), problem => problem.Contains(verdict, System.StringComparison.Ordinal));

    private static string Live(int seed, Sabotage sabotage)
    {
        using History history = new(_shop, seed, sabotage: sabotage);
        return string.Join('\n', history.Run());
    }
}
