using System;
using System.Linq;
using NfRuntime.Simulation.Capsules;
using Xunit;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>What is tried again: it is, and the agent is at rest before and after.</summary>
public class RetryTests
{
    private static readonly TinyCapsule _one = Scenario.Capsule(1, 1);

    [Fact]
    public void What_found_no_room_is_tried_again_after_an_hour()
    {
        const string Big = "acme/big";
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(Scenario.Capsule(1, 30, name: Big, padding: 200_000));
        scenario.Fleet.Run(Scenario.Minute);
        Assert.Equal(1, Refusals(scenario));
        scenario.Fleet.Run(58 * Scenario.Minute);
        Assert.Equal(1, Refusals(scenario));

        long steps = scenario.Device.Steps;
        scenario.Fleet.Run(2 * Scenario.Minute);
        Assert.Equal(2, Refusals(scenario));
        Assert.True(scenario.Device.Steps - steps < 5000, $"{scenario.Device.Steps - steps} steps in two minutes");
    }

    private static int Refusals(Scenario scenario) => scenario.Log.Count(s => s.Contains("refused: there is no room", StringComparison.Ordinal));
}
