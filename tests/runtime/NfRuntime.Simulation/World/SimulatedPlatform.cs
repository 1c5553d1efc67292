using System;
using NfRuntime.Agent;

namespace NfRuntime.Simulation.World;

/// <summary>A machine whose every accident is the history's seed's.</summary>
internal sealed class SimulatedPlatform(Timeline time, Random random, int resetCause, Action restart) : IAgentPlatform
{
    private long _microseconds;

    public int ResetCause => resetCause;

    /// <summary>Unix seconds of the device's clock; 0: it has none that can be trusted.</summary>
    public long Clock { get; set; }

    public int FreeHeap { get; set; } = 40_000;

    /// <summary>Something takes so long, in the midst of a step.</summary>
    public void Spend(long microseconds) => _microseconds += microseconds;

    public uint Random() => (uint)random.NextInt64(uint.MaxValue + 1L);

    // Each look costs a microsecond, so that no duration is nothing.
    public long Microseconds() => (time.Now * 1000) + _microseconds++;

    public int FreeHeapBytes() => FreeHeap;

    public long AllocatedBytes() => 0;

    public long WallClock() => Clock;

    public void Restart() => restart();
}
