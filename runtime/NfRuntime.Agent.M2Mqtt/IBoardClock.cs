namespace NfRuntime.Agent.M2Mqtt;

/// <summary>The clocks of a board.</summary>
internal interface IBoardClock
{
    /// <summary>Since the start; never goes back.</summary>
    long Milliseconds();

    /// <summary>Unix time, as the board believes it.</summary>
    long Seconds();

    /// <summary>Sets Unix time.</summary>
    /// <returns>Whether that was possible.</returns>
    bool SetSeconds(long seconds);
}
