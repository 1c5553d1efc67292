using System;
using NfRuntime.Agent.Lifecycle;
using NfRuntime.Agent.Protocol;
using NfRuntime.Capsules;
using NfRuntime.Native;
using NfRuntime.Simulation.Capsules;
using Xunit;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>Capsules whose processing is managed code: what it does wrong ends its version's trial and nothing else.</summary>
public class ManagedTests
{
    private const int Sound = 0;
    private const int Throws = 1;
    private const int IsSlow = 2;
    private const int PreparesSlowly = 3;
    private const int ThrowsAtFirst = 4;

    private static readonly TinyCapsule _one = Capsule(1, Sound);

    [Theory]
    [InlineData(Throws, AgentReason.Processor)]
    [InlineData(ThrowsAtFirst, AgentReason.Processor)]
    [InlineData(IsSlow, AgentReason.Deadline)]
    [InlineData(PreparesSlowly, AgentReason.Deadline)]
    public void What_a_processor_does_wrong_is_three_strikes(int fault, int reason)
    {
        using Scenario scenario = Start(store => store);
        scenario.Want(Capsule(2, fault));
        scenario.Until(() => scenario.Record.RejectedReason != 0, "rejected");
        Assert.Equal(reason, scenario.Record.RejectedReason);
        Assert.True(scenario.IsConfirmed(_one));
        scenario.Until(() => scenario.Device.Agent.Find(Scenario.Name).Version == _one.Version, "and version 1 answers", 5000);
        Assert.True(scenario.Device.Infer(Scenario.Name, 3));
    }

    [Fact]
    public void A_sound_one_is_confirmed()
    {
        TinyCapsule two = Capsule(2, Sound);
        using Scenario scenario = Start(store => store);
        scenario.Want(two);
        scenario.Until(() => scenario.IsConfirmed(two), "confirmed");
    }

    [Fact]
    public void Code_that_flash_reads_wrongly_is_not_run_and_flash_is_to_blame()
    {
        TinyCapsule two = Capsule(2, Sound);
        bool hasRotted = false;
        int loaded = 0;
        using Scenario scenario = Start(
            store => FaultyStore.Over(store, _ => null, (name, arguments) =>
            {
                if (hasRotted && name == nameof(IDeviceStore.Read) && (int)arguments[4]! == Section(2, Sound).Length)
                {
                    ((byte[])arguments[2]!)[0] ^= 1;
                }
            }),
            () => loaded++);
        hasRotted = true;
        int before = loaded;
        scenario.Want(two);
        scenario.Until(() => scenario.Record.RejectedReason != 0, "rejected");
        Assert.Equal(AgentReason.Damaged, scenario.Record.RejectedReason);
        Assert.Equal(0, scenario.Record.Failures);
        Assert.Equal(before, loaded);
        Assert.True(scenario.IsConfirmed(_one));
        Assert.True(scenario.Device.Infer(Scenario.Name, 3));
        Assert.Equal(_one.Version, scenario.Device.Agent.Find(Scenario.Name).Version);
        hasRotted = false; // it was a flicker: the version is not lost
        scenario.Until(() => scenario.IsConfirmed(two), "confirmed after all", 15 * Scenario.Minute);
    }

    private static byte[] Section(int seed, int fault) => [.. "a managed section of some length"u8, (byte)seed, (byte)fault];

    private static TinyCapsule Capsule(int seed, int fault) =>
        new(Scenario.Publisher, Scenario.Name, 1, seed, form: new TinyForm { Managed = Section(seed, fault), DeadlineMilliseconds = 20 });

    private static Scenario Start(Func<IDeviceStore, IDeviceStore> between, Action? onLoad = null)
    {
        Scenario scenario = new();
        scenario.Device.Between = between;
        scenario.Device.Loader = new Loader(scenario, onLoad ?? (() => { }));
        scenario.Fleet.Start();
        scenario.Want(_one);
        scenario.Until(() => scenario.IsConfirmed(_one), "version 1 is confirmed");
        return scenario;
    }

    /// <summary>What a section's last byte says.</summary>
    private sealed class Loader(Scenario scenario, Action onLoad) : IProcessorLoader
    {
        public CapsuleProcessor Load(byte[] assembly, string typeName)
        {
            Assert.Equal("Test.Processor", typeName);
            onLoad();
            return new Processor(scenario, assembly[^1]);
        }

        public void Unload(CapsuleProcessor processor)
        {
        }
    }

    private sealed class Processor(Scenario scenario, int fault) : CapsuleProcessor
    {
        public override bool Prepare(byte[] raw, int length, sbyte[] tensor, TensorInfo input)
        {
            if (fault == ThrowsAtFirst)
            {
                throw new InvalidOperationException("a defect");
            }

            scenario.Device.Spend(fault == PreparesSlowly ? 21_500 : 0);
            Buffer.BlockCopy(raw, 0, tensor, 0, length);
            return true;
        }

        public override void Interpret(sbyte[] tensor, TensorInfo output, CapsuleResult result)
        {
            if (fault == Throws)
            {
                throw new InvalidOperationException("a defect");
            }

            scenario.Device.Spend(fault == IsSlow ? 21_500 : 0);
            for (int i = 1; i < tensor.Length; i++)
            {
                result.Decision = tensor[i] > tensor[result.Decision < 0 ? 0 : result.Decision] ? i : Math.Max(result.Decision, 0);
            }
        }
    }
}
