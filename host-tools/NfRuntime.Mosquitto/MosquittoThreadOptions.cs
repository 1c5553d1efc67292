using System;

namespace NfRuntime.Mosquitto;

/// <summary>How a <see cref="MosquittoThread"/> queues and reconnects.</summary>
public sealed record MosquittoThreadOptions
{
    /// <summary>Messages that may wait to be sent, 1 or more.</summary>
    public int QueueLimit { get; init; } = 1024;

    /// <summary>Messages of QoS 1 and 2 that may be unacknowledged at a time, 1–20 (what libmosquitto keeps in flight).</summary>
    public int InFlightLimit { get; init; } = 20;

    /// <summary>Upper limit of the first pause before a reconnection; it doubles with each attempt, and the pause is drawn uniformly below the limit.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Largest limit of a pause.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After a connection that lasted so long the pauses begin at <see cref="FirstPause"/> again.</summary>
    public TimeSpan Settled { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Told of each attempt that failed and of each connection refused or lost, on the client's thread.</summary>
    public Action<string>? Trouble { get; init; }
}
