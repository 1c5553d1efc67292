using System.Linq;
using NfRuntime.Agent.Lifecycle;
using NfRuntime.Agent.Protocol;
using NfRuntime.Simulation.Capsules;
using Xunit;

namespace NfRuntime.Agent.Tests.Scenarios;

public class DeploymentTests
{
    private static readonly TinyCapsule _one = Scenario.Capsule(1, 1);
    private static readonly TinyCapsule _two = Scenario.Capsule(1, 2);

    [Fact]
    public void A_capsule_is_pulled_tested_tried_and_confirmed()
    {
        using Scenario scenario = Scenario.With(_one);
        Assert.True(scenario.Device.Inferences >= 5);
        Assert.Equal(_one.Version, scenario.Device.Agent.Find(Scenario.Name).Version);
        Assert.Equal(3, scenario.Device.Agent.Report.Blocks); // manifest, model, vectors: each a block
        Assert.Equal(_one.Model.Length + _one.Vectors.Length + _one.Manifest.Length, scenario.Device.Agent.Report.BlockBytes);
    }

    [Fact]
    public void The_next_version_takes_over_and_back_costs_no_byte()
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(_two);
        scenario.Until(() => scenario.IsConfirmed(_two), "version 2 is confirmed");
        Assert.Equal(LifecycleNumbers.StateSuperseded, scenario.Record.Previous.State);

        long bytes = scenario.Device.Agent.Report.BlockBytes;
        long published = scenario.Fleet.Broker.BlobBytes;
        scenario.Want(_one);
        scenario.Until(() => scenario.IsConfirmed(_one), "version 1 is back");
        scenario.Until(() => scenario.Device.Agent.Find(Scenario.Name).Version == _one.Version, "and serves", 5000);
        Assert.Equal(bytes, scenario.Device.Agent.Report.BlockBytes);
        Assert.Equal(published, scenario.Fleet.Broker.BlobBytes);
        Assert.Equal(AgentReason.Operator, scenario.Record.RejectedReason);
    }

    [Fact]
    public void Rules_confirm_and_silence_does_not()
    {
        using Scenario scenario = new();
        scenario.Fleet.Start();
        scenario.Want(_one);
        scenario.Fleet.Run(10 * Scenario.Minute);
        Assert.Equal(LifecycleNumbers.StateTrial, scenario.Record.Candidate.State);
        scenario.Until(() => scenario.IsConfirmed(_one), "with inferences it is");
    }

    [Fact]
    public void By_hand_it_waits_until_the_operator_says_so()
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(_two, confirm: DesiredCapsule.ConfirmByHand);
        scenario.Fleet.RunUntil(() => false, Scenario.Minute, 200, Scenario.Name);
        Assert.Equal(LifecycleNumbers.StateTrial, scenario.Record.Candidate.State);
        Assert.Equal(_two.Version, scenario.Device.Agent.Find(Scenario.Name).Version);
        scenario.Want(_two, confirm: DesiredCapsule.ConfirmNow);
        scenario.Until(() => scenario.IsConfirmed(_two), "now it is");
    }

    [Fact]
    public void A_candidate_that_nobody_wants_any_more_leaves()
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(_two, confirm: DesiredCapsule.ConfirmByHand);
        scenario.Until(() => scenario.Record.Candidate.State == LifecycleNumbers.StateTrial, "on trial");
        scenario.Want(_one);
        scenario.Until(() => scenario.Record.Candidate.State == LifecycleNumbers.StateNone && scenario.Device.Agent.Find(Scenario.Name).Version == _one.Version, "withdrawn");
        Assert.Equal(0, scenario.Record.RejectedReason);
    }

    [Fact]
    public void A_name_that_is_not_desired_is_removed()
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Fleet.Controller.Want("device-0", Scenario.Name, null);
        scenario.Until(() => scenario.Device.Record(Scenario.Name) is null, "removed");
        Assert.False(scenario.Device.Agent.Find(Scenario.Name).IsServing);
    }

    [Fact]
    public void Another_firmware_tests_everything_again_and_then_serves()
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Device.Firmware = 7;
        scenario.Device.Reset(3);
        scenario.Fleet.Run(2000);
        Assert.True(scenario.Device.Agent.Find(Scenario.Name).IsServing);
        Assert.Equal(LifecycleNumbers.StateConfirmed, scenario.Record.Confirmed.State);
    }

    [Fact]
    public void Without_a_network_a_device_serves_what_it_had()
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Fleet.Broker.Die();
        scenario.Device.Reset(1);
        int before = scenario.Device.Inferences;
        scenario.Fleet.RunUntil(() => false, 3 * 24 * 60 * Scenario.Minute, 60_000, Scenario.Name);
        Assert.True(scenario.Device.Inferences - before > 3 * 24 * 60 - 10, $"{scenario.Device.Inferences - before} inferences in three days");
        scenario.Fleet.Broker.Rise();
        scenario.Want(_two);
        scenario.Until(() => scenario.IsConfirmed(_two), "and goes on when it is back", 20 * Scenario.Minute);
    }

    [Fact]
    public void A_watchdog_in_trial_gives_strikes_until_the_confirmed_version_is_back()
    {
        TinyCapsule crashes = Scenario.Capsule(1, 3, Flaw.Crashes);
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(crashes);
        scenario.Until(() => scenario.Device.IsOn && scenario.Device.Record(Scenario.Name)?.RejectedReason == 13, "rejected for the watchdog");
        Assert.Equal(3, scenario.Device.Resets);
        scenario.Until(() => scenario.Device.IsOn && scenario.Device.Agent.Find(Scenario.Name).Version == _one.Version, "version 1 serves");
    }

    [Fact]
    public void Failing_inferences_give_strikes_and_another_deployment_may_follow()
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(Scenario.Capsule(1, 4, Flaw.FailsInTrial));
        scenario.Until(() => scenario.Record.RejectedReason == AgentReason.Fault, "rejected for its inferences");
        Assert.True(scenario.IsConfirmed(_one));
        scenario.Want(_two);
        scenario.Until(() => scenario.IsConfirmed(_two), "version 2 is confirmed");
    }

    [Fact]
    public void A_rejected_version_tries_again_when_the_operator_lets_it()
    {
        TinyCapsule wrong = Scenario.Capsule(1, 5, Flaw.WrongVectors);
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(wrong);
        scenario.Until(() => scenario.Record.RejectedReason == AgentReason.SelfTest, "rejected by its vectors");
        int blocks = scenario.Device.Agent.Report.Blocks;
        scenario.Want(wrong);
        scenario.Fleet.Run(Scenario.Minute);
        Assert.Equal(blocks, scenario.Device.Agent.Report.Blocks); // it was rejected: nothing is fetched
        Assert.Single(scenario.Log, s => s.Contains("self-test failed", System.StringComparison.Ordinal));
        scenario.Want(wrong, retry: true);
        scenario.Until(() => scenario.Log.Count(s => s.Contains("self-test failed", System.StringComparison.Ordinal)) == 2, "tested and rejected again");
        Assert.Equal(AgentReason.SelfTest, scenario.Record.RejectedReason);
    }

    [Fact]
    public void Three_failing_versions_close_the_name_until_it_is_released()
    {
        using Scenario scenario = Scenario.With(_one);
        for (int i = 0; i < 3; i++)
        {
            TinyCapsule wrong = Scenario.Capsule(1, 10 + i, Flaw.WrongVectors);
            scenario.Want(wrong);
            scenario.Until(() => scenario.Record.RejectedManifest.SequenceEqual(wrong.Digest), $"version {i} is rejected");
        }

        scenario.Want(_two);
        scenario.Fleet.Run(Scenario.Minute);
        StateReader state = new(scenario.Fleet.Broker.Retained("nfr/acme/d/device-0/state")!);
        Assert.Equal([(Scenario.Name, AgentReason.TooManyFailures)], state.Refusals.Select(r => (r.Name, r.Reason)));
        scenario.Want(_two, retry: true);
        scenario.Until(() => scenario.IsConfirmed(_two), "released, it is confirmed");
    }

    [Fact]
    public void A_planned_restart_is_no_strike()
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(_two, confirm: DesiredCapsule.ConfirmByHand);
        scenario.Until(() => scenario.Record.Candidate.State == LifecycleNumbers.StateTrial, "on trial");
        scenario.Device.Agent.Restart();
        scenario.Device.Wake();
        scenario.Fleet.Run(5000);
        Assert.Equal(1, scenario.Device.Resets);
        Assert.Equal(0, scenario.Record.Candidate.Strikes);
        scenario.Until(() => scenario.Device.Agent.Find(Scenario.Name).Version == _two.Version, "the candidate serves again");
    }

    [Fact]
    public void Where_memory_is_for_one_only_the_old_version_gives_way_and_comes_back()
    {
        // Four versions can be open: three other names take three of them.
        using Scenario scenario = Scenario.With(_one);
        for (int i = 0; i < 5; i++)
        {
            scenario.Want(Scenario.Capsule(1, 20 + i, name: "acme/other" + (char)('a' + i)), confirm: DesiredCapsule.ConfirmNow);
        }

        scenario.Until(() => Enumerable.Range(0, 5).All(i => scenario.Device.Record("acme/other" + (char)('a' + i))?.Confirmed.State == LifecycleNumbers.StateConfirmed), "all six are confirmed");
        scenario.Fleet.RunUntil(() => false, 30_000, 200, Scenario.Name, "acme/othera", "acme/otherb", "acme/otherc", "acme/otherd", "acme/othere");
        int before = scenario.Device.Inferences;
        scenario.Fleet.RunUntil(() => false, 30_000, 200, Scenario.Name);
        Assert.True(scenario.Device.Inferences - before > 100);
        scenario.Want(_two);
        bool ok = scenario.Fleet.RunUntil(() => scenario.IsConfirmed(_two), 60_000, 200, Scenario.Name);
        Assert.True(ok, string.Join("\n", scenario.Log.TakeLast(20)) + $" {scenario.Record.Candidate.State} {scenario.Record.RejectedReason} {scenario.Device.Steps} {scenario.Device.Agent.Find(Scenario.Name).Version}");
    }
    [Fact]
    public void A_capsule_that_gave_way_and_is_removed_leaves_the_agent_at_rest()
    {
        string[] names = [.. Enumerable.Range(0, 5).Select(i => "acme/other" + (char)('a' + i))];
        using Scenario scenario = new();
        scenario.Fleet.Start();
        for (int i = 0; i < names.Length; i++)
        {
            scenario.Want(Scenario.Capsule(1, 20 + i, name: names[i]), confirm: DesiredCapsule.ConfirmNow);
        }

        // Four versions can be open: one of five is not.
        scenario.Until(() => names.All(n => scenario.Device.Record(n)?.Confirmed.State == LifecycleNumbers.StateConfirmed), "all are confirmed");
        scenario.Fleet.RunUntil(() => false, 10_000, 200, names[..4]);
        string parked = names.Single(n => !scenario.Device.Agent.Find(n).IsServing);
        scenario.Fleet.Controller.Want("device-0", parked, null);
        scenario.Fleet.Run(5000);
        Assert.Null(scenario.Device.Record(parked));
        Assert.False(scenario.Device.Agent.Find(parked).Feed(TinyCapsule.Sample(1), TinyCapsule.Inputs)); // the application does not know
        scenario.Fleet.Run(5000);
        long steps = scenario.Device.Steps;
        scenario.Fleet.Run(Scenario.Minute);
        Assert.True(scenario.Device.Steps - steps < 1000, $"{scenario.Device.Steps - steps} steps in a minute");
    }
}
