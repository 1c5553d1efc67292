using System;
using nanoFramework.Runtime.Native;
using NfRuntime.Agent;

namespace BoardAgent;

/// <summary>What the agent asks of a board that runs nanoFramework.</summary>
internal sealed class BoardPlatform : IAgentPlatform
{
    private readonly Random _random = new Random();
    private readonly byte[] _word = new byte[4];

    /// <summary>nanoFramework does not tell why the board started: unknown, which a trial takes for its candidate's fault. A board's firmware knows better.</summary>
    public int ResetCause
    {
        get { return 0; }
    }

    /// <summary>Whether the clock was set by somebody who knows the time: SNTP, a battery. The application says so.</summary>
    public bool HasTime { get; set; }

    public uint Random()
    {
        _random.NextBytes(_word);
        return (uint)(_word[0] | (_word[1] << 8) | (_word[2] << 16) | (_word[3] << 24));
    }

    public long Microseconds()
    {
        return System.Environment.TickCount64 * 1000;
    }

    public int FreeHeapBytes()
    {
        return (int)nanoFramework.Runtime.Native.GC.Run(false);
    }

    /// <summary>Nobody counts.</summary>
    public long AllocatedBytes()
    {
        return 0;
    }

    public long WallClock()
    {
        return HasTime ? DateTime.UtcNow.ToUnixTimeSeconds() : 0;
    }

    /// <summary>Of the CLR alone: the network stays, and the agent has saved what must survive.</summary>
    public void Restart()
    {
        Power.RebootDevice(RebootOption.ClrOnly);
    }
}
