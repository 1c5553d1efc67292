using System.Linq;
using NfRuntime.Agent.Tests.Scenarios;
using NfRuntime.Simulation.Capsules;
using NfRuntime.Simulation.Histories;
using Xunit;

namespace NfRuntime.Agent.Tests.Histories;

/// <summary>Agents and the distributors of host-tools/NfRuntime.Fleet, which share no code, through the same accidents.</summary>
public class RealDistributorTests
{
    private const int Histories = 8;

    private static readonly Shop _shop = new(Scenario.Publisher);

    [Fact]
    public void Histories_on_the_real_distributors_end_well()
    {
        int confirmed = 0;
        foreach (int seed in Enumerable.Range(1, Histories))
        {
            using History history = new(_shop, seed, isReal: true);
            Assert.Empty(history.Run());
            confirmed += history.Outcomes.Count(o => o == Verdict.Confirmed);
        }

        Assert.True(confirmed > Histories, $"{confirmed} capsules were confirmed");
    }
}
