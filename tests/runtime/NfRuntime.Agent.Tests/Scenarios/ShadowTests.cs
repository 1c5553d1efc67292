using System.Collections.Generic;
using NfRuntime.Agent.Protocol;
using NfRuntime.Simulation.Capsules;
using Xunit;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>A candidate that is only compared with what answers.</summary>
public class ShadowTests
{
    private static readonly TinyCapsule _one = Scenario.Capsule(1, 1);
    private static readonly Dictionary<int, int> _rules = new() { [1] = 5, [3] = 1, [4] = 100 };

    [Fact]
    public void One_that_disagrees_is_rejected_and_has_never_answered()
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(Scenario.Capsule(1, 2), mode: DesiredCapsule.Shadow, rules: _rules);
        scenario.Until(() => Answers(scenario, _one) && scenario.Record.RejectedReason != 0, "rejected");
        Assert.Equal(AgentReason.Shadow, scenario.Record.RejectedReason);
        Assert.True(scenario.IsConfirmed(_one));

        long steps = scenario.Device.Steps;
        scenario.Fleet.Run(Scenario.Minute);
        Assert.True(scenario.Device.Steps - steps < 1000, $"{scenario.Device.Steps - steps} steps in a minute");
    }

    [Fact]
    public void One_that_agrees_is_confirmed_and_answers_then()
    {
        TinyCapsule same = Scenario.Capsule(2, 1);
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(same, mode: DesiredCapsule.Shadow, rules: _rules);
        scenario.Until(() => scenario.IsConfirmed(same) || !Answers(scenario, _one), "confirmed");
        Assert.True(scenario.IsConfirmed(same));
        scenario.Until(() => Answers(scenario, same), "and answers", 5000);
    }

    private static bool Answers(Scenario scenario, TinyCapsule capsule) => scenario.Device.Agent.Find(Scenario.Name).Version == capsule.Version;
}
