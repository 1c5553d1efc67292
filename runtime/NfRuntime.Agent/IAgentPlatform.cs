namespace NfRuntime.Agent;

/// <summary>What an agent asks of the machine that it runs on. Everything that is not deterministic comes from here, or from transport and store.</summary>
public interface IAgentPlatform
{
    /// <summary>Why the device started: enum nfr_reset (firmware/port/port.h).</summary>
    int ResetCause { get; }

    /// <summary>Uniformly distributed.</summary>
    uint Random();

    /// <summary>A clock that never goes back; its start is of no account.</summary>
    long Microseconds();

    /// <summary>Bytes of managed heap that are free.</summary>
    int FreeHeapBytes();

    /// <summary>Bytes that have been allocated since the start; 0 where nobody counts.</summary>
    long AllocatedBytes();

    /// <summary>Unix seconds of a clock that can be trusted, or 0.</summary>
    long WallClock();

    /// <summary>Starts the device again; it may return and happen later.</summary>
    void Restart();
}
