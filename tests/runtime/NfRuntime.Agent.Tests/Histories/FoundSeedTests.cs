using NfRuntime.Agent.Tests.Scenarios;
using NfRuntime.Simulation.Capsules;
using NfRuntime.Simulation.Histories;
using Xunit;

namespace NfRuntime.Agent.Tests.Histories;

/// <summary>Histories that once found something find nothing any more.</summary>
public class FoundSeedTests
{
    private static readonly Shop _shop = new(Scenario.Publisher);

    public static TheoryData<int, bool, string> Found()
    {
        TheoryData<int, bool, string> found = [];
        foreach ((int seed, bool isReal, string finding) in FoundSeeds.Read())
        {
            found.Add(seed, isReal, finding);
        }

        return found;
    }

    [Theory]
    [MemberData(nameof(Found))]
    public void A_history_that_found_something_ends_well(int seed, bool isReal, string finding)
    {
        Assert.NotEmpty(finding);
        using History history = new(_shop, seed, isReal: isReal);
        Assert.Empty(history.Run());
        Assert.NotEmpty(history.Outcomes);
    }
}
