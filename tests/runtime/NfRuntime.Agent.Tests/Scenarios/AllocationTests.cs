using System;
using NfRuntime.Agent.Lifecycle;
using NfRuntime.Agent.Protocol;
using NfRuntime.Native;
using NfRuntime.Simulation.Capsules;
using NfRuntime.Simulation.World;
using Xunit;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>The agent's own allocations, on the thread that steps it: flat, and small.</summary>
public class AllocationTests(ITestOutputHelper output)
{
    private static readonly TinyCapsule _one = Scenario.Capsule(1, 1);

    [Fact]
    public void An_idle_minute_allocates_the_same_again_and_again()
    {
        using Scenario scenario = Scenario.With(_one);
        SimulatedDevice device = scenario.Device;
        long now = scenario.Fleet.Time.Now;
        long[] minutes = new long[5];
        for (int minute = -2; minute < minutes.Length; minute++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int step = 0; step < 60; step++)
            {
                now += 1000;
                device.Agent.Step(now);
            }

            if (minute >= 0)
            {
                minutes[minute] = GC.GetAllocatedBytesForCurrentThread() - before;
            }
        }

        output.WriteLine($"agent, allocated in idle minutes: {string.Join(", ", minutes)} bytes");
        Assert.All(minutes, bytes => Assert.InRange(bytes, 0, 512));
        Assert.True(minutes[^1] <= minutes[0] + 64, "flat");
    }

    [Fact]
    public void A_block_allocates_nothing_that_grows()
    {
        const int Log2 = 10;
        byte[] blob = new byte[64 << Log2];
        new Random(1).NextBytes(blob);
        byte[] digest = System.Security.Cryptography.SHA256.HashData(blob);
        using NativeRuntime runtime = new(1 << 12, 1 << 10, []);
        using NativeFlash flash = new(new NativeFlashOptions());
        using NativeStore store = new(runtime, flash);
        store.Mount();
        Assert.Equal(0, store.Format());
        Assert.Equal(0, store.Boot(1, new byte[16]));
        int job = store.Begin(digest, blob.Length, Log2);
        while (job == 1)
        {
            job = store.StepJob(0);
        }

        byte[][] frames = new byte[64][];
        for (int i = 0; i < frames.Length; i++)
        {
            frames[i] = DistributorModel.Frame(blob, Log2, i, false);
        }

        BlockFrame frame = new();
        long first = 0, second = 0;
        for (int i = 0; i < frames.Length; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.True(frame.Read(store, frames[i], frames[i].Length, blob.Length, Log2));
            int result = store.Missing(frame.Index) == frame.Index ? store.Write(frame.Index, frames[i], BlockFrame.HeaderBytes, frame.DataBytes) : -1;
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(0, result);
            first += i is > 0 and < 32 ? allocated : 0;
            second += i >= 32 ? allocated : 0;
        }

        output.WriteLine($"blocks 1 … 31: {first} bytes allocated; blocks 32 … 63: {second} bytes");
        Assert.Equal(0, second);
    }

    [Fact]
    public void An_inference_through_a_slot_allocates_its_score_s_four_bytes()
    {
        using Scenario scenario = Scenario.With(_one);
        CapsuleSlot slot = scenario.Device.Agent.Find(Scenario.Name);
        byte[] sample = TinyCapsule.Sample(2);
        NfRuntime.Capsules.CapsuleResult result = new();
        long allocated = 0;
        for (int i = 0; i < 50; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            bool isDue = slot.Feed(sample, sample.Length) && slot.Begin();
            while (isDue && slot.Step(0))
            {
            }

            bool isRead = slot.Read(result);
            allocated += i < 10 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(isRead);
        }

        output.WriteLine($"40 inferences: {allocated} bytes allocated");
        Assert.InRange(allocated, 0, 40 * 32); // BitConverter.GetBytes in Words32.ToSingle, which the device has no other way for
    }
}
