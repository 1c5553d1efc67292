using System;
using System.Linq;
using NfRuntime.Agent.Lifecycle;
using NfRuntime.Agent.Protocol;
using NfRuntime.Simulation.Capsules;
using NfRuntime.Simulation.World;
using Xunit;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>Bad input ends in a clear reason, and the confirmed version serves throughout.</summary>
public class RefusalTests
{
    private static readonly TinyCapsule _one = Scenario.Capsule(1, 1);

    [Theory]
    [InlineData(nameof(Flaw.UnknownKey), AgentReason.Signature)]
    [InlineData(nameof(Flaw.RevokedKey), AgentReason.Signature)]
    [InlineData(nameof(Flaw.BrokenManifest), AgentReason.Signature)]
    [InlineData(nameof(Flaw.OtherName), AgentReason.Name)]
    [InlineData(nameof(Flaw.OtherTarget), AgentReason.Unsupported)]
    [InlineData(nameof(Flaw.TooLarge), AgentReason.DoesNotFit)]
    public void Before_a_byte_of_payload_is_fetched(string flaw, int reason)
    {
        TinyCapsule bad = Scenario.Capsule(1, 2, Enum.Parse<Flaw>(flaw));
        using Scenario scenario = Scenario.With(_one);
        int blocks = scenario.Device.Agent.Report.Blocks;
        scenario.Want(bad);
        scenario.Until(() => Refusal(scenario) != 0, "refused");
        Assert.Equal(reason, Refusal(scenario));
        Assert.Equal(blocks + 1, scenario.Device.Agent.Report.Blocks); // the manifest
        AssertServing(scenario);
    }

    [Fact]
    public void The_deficit_is_told_in_words()
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(Scenario.Capsule(1, 2, Flaw.TooLarge));
        scenario.Until(() => Refusal(scenario) != 0, "refused");
        string sentence = State(scenario).Refusals[0].Sentence;
        Assert.Contains("arena", sentence, StringComparison.Ordinal);
        Assert.Contains("4096", sentence.Replace(",", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void The_right_size_and_a_wrong_hash()
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(Scenario.Capsule(1, 2, Flaw.WrongBytes));
        scenario.Until(() => scenario.Record.RejectedReason != 0, "rejected");
        Assert.Equal(AgentReason.Digest, scenario.Record.RejectedReason);
        AssertServing(scenario);
    }

    [Fact]
    public void A_counter_below_the_floor()
    {
        TinyCapsule two = Scenario.Capsule(2, 2);
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(two);
        scenario.Until(() => scenario.IsConfirmed(two), "the floor is 2 now");
        scenario.Want(Scenario.Capsule(1, 3));
        scenario.Until(() => Refusal(scenario) != 0, "refused");
        Assert.Equal(AgentReason.Rollback, Refusal(scenario));
        Assert.True(scenario.IsConfirmed(two));
    }

    [Fact]
    public void An_older_generation()
    {
        TinyCapsule two = Scenario.Capsule(1, 2);
        using Scenario scenario = Scenario.With(_one);
        byte[] old = scenario.Fleet.Controller.Document("device-0");
        scenario.Want(two);
        scenario.Until(() => scenario.IsConfirmed(two), "version 2 is confirmed");
        scenario.Fleet.Broker.Inject("nfr/acme/d/device-0/desired", old);
        scenario.Fleet.Run(Scenario.Minute);
        Assert.True(scenario.IsConfirmed(two));
        Assert.Equal(2, scenario.Device.Store.Generation);
        StateReader state = State(scenario);
        Assert.Equal((1, AgentReason.Generation, 1ul), (state.RefusedDocuments, state.RefusedReason, state.RefusedGeneration));
    }

    [Fact]
    public void An_older_key_list_and_a_stranger_s()
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Fleet.Controller.Keys = Scenario.Publisher.KeyList(3);
        scenario.Fleet.Run(1000);
        Assert.Equal(3, scenario.Device.Store.KeyListVersion);
        scenario.Fleet.Broker.Inject("nfr/acme/keys", Scenario.Publisher.KeyList(2));
        scenario.Fleet.Run(1000);
        byte[] strange = Scenario.Publisher.KeyList(4);
        strange[^1] ^= 1;
        scenario.Fleet.Broker.Inject("nfr/acme/keys", strange);
        scenario.Fleet.Run(1000);
        Assert.Equal(3, scenario.Device.Store.KeyListVersion);
        Assert.Equal((2, AgentReason.Keys), (State(scenario).RefusedDocuments, State(scenario).RefusedReason));
    }

    [Fact]
    public void Documents_that_break_the_rules()
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Fleet.Broker.Inject("nfr/acme/d/device-0/desired", [0xa1, 0, 1, 0]);
        scenario.Fleet.Broker.Inject("nfr/acme/d/device-0/desired", [0xa1, 0, 2]);
        scenario.Fleet.Run(1000);
        Assert.Equal((2, AgentReason.Version), (State(scenario).RefusedDocuments, State(scenario).RefusedReason));
        AssertServing(scenario);
    }

    [Fact]
    public void A_full_store()
    {
        // It would just fit, if the store had no need of a block to move extents into: that only its job knows.
        using Scenario scenario = Scenario.With(_one);
        NfRuntime.Native.StoreUsage usage = new();
        Assert.Equal(0, scenario.Device.Store.Usage(usage));
        scenario.Want(Scenario.Capsule(1, 2, padding: usage.Bytes - usage.Used - 6000));
        scenario.Until(() => scenario.Record.RejectedReason != 0, "rejected");
        Assert.Equal(AgentReason.NoSpace, scenario.Record.RejectedReason);
        AssertServing(scenario);
    }

    [Fact]
    public void What_flash_can_never_hold_is_refused_before_a_byte_of_it_is_fetched()
    {
        TinyCapsule big = Scenario.Capsule(1, 2, padding: 100_000);
        using Scenario scenario = Scenario.With(_one);
        int blocks = scenario.Device.Agent.Report.Blocks;
        scenario.Want(big);
        scenario.Until(() => Refusal(scenario) != 0, "refused");
        Assert.Equal(AgentReason.NoSpace, Refusal(scenario));
        Assert.Equal(blocks + 1, scenario.Device.Agent.Report.Blocks); // the manifest
        int needed = Rounded(big.Model) + Rounded(big.Vectors);
        int free = (24 * 4096) - Rounded(Scenario.Publisher.KeyList(1)) - Rounded(_one.Manifest) - Rounded(_one.Model) - Rounded(_one.Vectors) - Rounded(big.Manifest);
        Assert.Equal(FormattableString.Invariant($"store {needed:N0} needed, {free:N0} free after pruning"), State(scenario).Refusals[0].Sentence);
        AssertServing(scenario);
    }

    private static int Rounded(byte[] blob) => (blob.Length + 31) / 32 * 32;

    [Fact]
    public void Blocks_that_nobody_asked_for_or_that_are_wrong()
    {
        TinyCapsule two = Scenario.Capsule(1, 2);
        using Scenario scenario = Scenario.With(_one);
        string topic = "nfr/acme/b/" + Convert.ToHexStringLower(two.Digest);
        scenario.Fleet.Distributors[0].Die(); // so that only the strangers' blocks come
        scenario.Want(two);
        scenario.Fleet.Run(2000);
        byte[] beyond = DistributorModel.Frame(two.Manifest, 11, 0, true);
        beyond[4] = 1;
        byte[] broken = DistributorModel.Frame(two.Manifest, 11, 0, true);
        broken[^1] ^= 1;
        foreach (byte[] frame in new byte[][] { beyond, broken, [], new byte[15] })
        {
            scenario.Fleet.Broker.Inject(topic, frame);
        }

        scenario.Fleet.Run(1000);
        Assert.Equal(4, scenario.Device.Agent.Report.BadFrames);
        scenario.Fleet.Distributors[0].Rise();
        scenario.Until(() => scenario.IsConfirmed(two), "it is confirmed all the same");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Lost_doubled_and_overtaking_blocks(int seed)
    {
        TinyCapsule capsule = Scenario.Capsule(1, 5);
        NetworkFaults faults = new() { Drop = 0.3, Duplicate = 0.2, Jitter = 200 };
        using Scenario scenario = new(2, 3, faults: faults, seed: seed);
        scenario.Fleet.Start();
        scenario.Want(capsule);
        scenario.Until(() => scenario.Fleet.Devices.All(d => d.Record(Scenario.Name)?.Confirmed.State == LifecycleNumbers.StateConfirmed), "all have it", 20 * Scenario.Minute);
    }

    private static int Refusal(Scenario scenario) => State(scenario).Refusals.Select(r => r.Reason).FirstOrDefault();

    private static StateReader State(Scenario scenario) => new(scenario.Fleet.Broker.Retained("nfr/acme/d/device-0/state")!);

    private static void AssertServing(Scenario scenario)
    {
        Assert.True(scenario.IsConfirmed(_one));
        Assert.Equal(0, scenario.Device.Silences);
        Assert.True(scenario.Device.Infer(Scenario.Name, 3));
        Assert.Equal(_one.Version, scenario.Device.Agent.Find(Scenario.Name).Version);
    }
}
