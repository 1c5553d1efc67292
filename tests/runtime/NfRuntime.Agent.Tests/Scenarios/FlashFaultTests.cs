using System;
using System.Collections.Generic;
using NfRuntime.Agent.Protocol;
using NfRuntime.Native;
using NfRuntime.Simulation.Capsules;
using Xunit;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>Flash that does not answer says nothing: neither that a name is gone nor that a document is new.</summary>
public class FlashFaultTests
{
    private static readonly TinyCapsule _one = Scenario.Capsule(1, 1);
    private static readonly TinyCapsule _two = Scenario.Capsule(1, 2);

    private static readonly HashSet<string> _journal =
    [
        nameof(IDeviceStore.NextName), nameof(IDeviceStore.FindName), nameof(IDeviceStore.MayFetch), nameof(IDeviceStore.Fetch), nameof(IDeviceStore.Attach),
        nameof(IDeviceStore.Apply), nameof(IDeviceStore.Serving), nameof(IDeviceStore.Unchecked), nameof(IDeviceStore.Tend), nameof(IDeviceStore.SetGeneration),
        nameof(IDeviceStore.Begin), nameof(IDeviceStore.BlobState), nameof(IDeviceStore.SetTime),
    ];

    [Fact]
    public void What_is_open_goes_on_when_the_journal_dies()
    {
        bool isDead = false;
        using Scenario scenario = Start(name => !isDead ? null : _journal.Contains(name) ? NativeError.Port : name == "get_Generation" ? 0L : null);
        scenario.Want(_one);
        scenario.Until(() => scenario.IsConfirmed(_one), "version 1 is confirmed");
        byte[] old = scenario.Fleet.Controller.Document("device-0");
        scenario.Want(_two, confirm: DesiredCapsule.ConfirmNow);
        scenario.Until(() => scenario.IsConfirmed(_two), "version 2 is confirmed");
        byte[] state = scenario.Fleet.Broker.Retained("nfr/acme/d/device-0/state")!;

        isDead = true;
        scenario.Fleet.Controller.Die();
        scenario.Fleet.Broker.Inject("nfr/acme/d/device-0/desired", scenario.Fleet.Controller.Document("device-0")); // as after each reconnect
        int before = scenario.Device.Inferences;
        scenario.Fleet.RunUntil(() => false, Scenario.Minute, 200, Scenario.Name);
        Assert.Equal(_two.Version, scenario.Device.Agent.Find(Scenario.Name).Version);
        Assert.Equal(300, scenario.Device.Inferences - before);
        Assert.Single(scenario.Log, s => s.Contains("records cannot be read", StringComparison.Ordinal));
        Assert.Equal(state, scenario.Fleet.Broker.Retained("nfr/acme/d/device-0/state")); // and not that the device has nothing

        scenario.Fleet.Broker.Inject("nfr/acme/d/device-0/desired", old);
        scenario.Fleet.Run(1000);
        Assert.Equal((1, AgentReason.Generation, 1ul), (scenario.Device.Agent.Report.RefusedDocuments, scenario.Device.Agent.Report.RefusedReason, scenario.Device.Agent.Report.RefusedGeneration));
        Assert.Equal(_two.Version, scenario.Device.Agent.Find(Scenario.Name).Version);

        isDead = false;
        scenario.Fleet.Controller.Rise();
        scenario.Want(_one, confirm: DesiredCapsule.ConfirmNow);
        scenario.Until(() => scenario.IsConfirmed(_one), "and goes on when flash answers again");
    }

    [Fact]
    public void A_generation_that_flash_did_not_keep_is_a_floor_until_the_reset()
    {
        bool keeps = true;
        using Scenario scenario = Start(name => !keeps && name == nameof(IDeviceStore.SetGeneration) ? NativeError.Port : null);
        scenario.Want(_one);
        scenario.Until(() => scenario.IsConfirmed(_one), "version 1 is confirmed");
        byte[] old = scenario.Fleet.Controller.Document("device-0");
        keeps = false;
        scenario.Want(_two, confirm: DesiredCapsule.ConfirmNow);
        scenario.Until(() => scenario.IsConfirmed(_two), "version 2 is confirmed");
        scenario.Fleet.Broker.Inject("nfr/acme/d/device-0/desired", old);
        scenario.Fleet.Run(Scenario.Minute);
        Assert.Equal(1, scenario.Device.Store.Generation);
        Assert.Equal(AgentReason.Generation, scenario.Device.Agent.Report.RefusedReason);
        Assert.True(scenario.IsConfirmed(_two));
    }

    [Fact]
    public void A_blob_that_cannot_be_written_ends_its_fetch_with_that_reason()
    {
        int writes = 0;
        using Scenario scenario = Start(name => name == nameof(IDeviceStore.Write) && ++writes > 3 ? NativeError.Port : null);
        scenario.Want(_one);
        scenario.Until(() => scenario.IsConfirmed(_one), "version 1 took three writes");
        scenario.Want(Scenario.Capsule(1, 3, name: "acme/other"));
        scenario.Until(() => Refusals(scenario).Count > 0, "refused");
        Assert.Equal([("acme/other", AgentReason.Damaged, ReasonText.Of(AgentReason.Damaged))], Refusals(scenario)); // and not that its manifest cannot be read
        Assert.True(scenario.IsConfirmed(_one));
    }

    [Fact]
    public void A_name_that_cannot_be_removed_holds_up_nothing_else()
    {
        bool fails = false;
        int failures = 0;
        const string Gone = "acme/gone";
        using Scenario scenario = new();
        scenario.Device.Between = store => FaultyStore.Over(store, (name, args) =>
            fails && name == nameof(IDeviceStore.Apply) && (int)args[1]! == Lifecycle.LifecycleNumbers.EventRemove && failures++ >= 0 ? NativeError.Port : null);
        scenario.Fleet.Start();
        scenario.Want(Scenario.Capsule(1, 3, name: Gone));
        scenario.Want(_one);
        scenario.Until(() => scenario.IsConfirmed(_one) && scenario.Device.Record(Gone)?.Candidate.State == Lifecycle.LifecycleNumbers.StateTrial, "both are here");

        fails = true;
        scenario.Fleet.Controller.Want("device-0", Gone, null);
        scenario.Want(_two);
        scenario.Until(() => scenario.IsConfirmed(_two), "what else is wanted comes");
        scenario.Fleet.RunUntil(() => false, 5 * Scenario.Minute, 200, Scenario.Name);
        Assert.InRange(failures, 6, 40);
        fails = false;
        scenario.Until(() => scenario.Device.Record(Gone) is null, "tried again by itself", 2 * Scenario.Minute);
    }

    private static List<(string Name, int Reason, string Sentence)> Refusals(Scenario scenario) => new StateReader(scenario.Fleet.Broker.Retained("nfr/acme/d/device-0/state")!).Refusals;

    private static Scenario Start(Func<string, object?> fault)
    {
        Scenario scenario = new();
        scenario.Device.Between = store => FaultyStore.Over(store, fault);
        scenario.Fleet.Start();
        return scenario;
    }
}
