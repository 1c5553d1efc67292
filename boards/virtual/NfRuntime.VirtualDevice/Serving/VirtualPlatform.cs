using System;
using System.Diagnostics;
using NfRuntime.Agent;

namespace NfRuntime.VirtualDevice.Serving;

/// <summary>What the agent asks of its machine: a process that pretends to be one.</summary>
/// <param name="cause">Why the device started: enum nfr_reset.</param>
/// <param name="seed">Of its random numbers.</param>
internal sealed class VirtualPlatform(int cause, int seed) : IAgentPlatform
{
    // What a board with such an arena leaves: enough for the largest blocks.
    private const int FreeHeap = 256 << 10;
    private readonly Random _random = new(seed);

    public int ResetCause => cause;

    /// <summary>Whether the agent asked for a restart.</summary>
    public bool WantsRestart { get; private set; }

    public uint Random() => (uint)_random.NextInt64(1L << 32);

    public long Microseconds() => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);

    public int FreeHeapBytes() => FreeHeap;

    /// <summary>Of this thread: a shard steps its devices on one.</summary>
    public long AllocatedBytes() => GC.GetAllocatedBytesForCurrentThread();

    public long WallClock() => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    public void Restart() => WantsRestart = true;
}
