namespace NfRuntime.Agent.M2Mqtt;

/// <summary>
/// TLS on nanoFramework compares a certificate's dates with the board's clock, and cannot be told to leave just that out. A board that has
/// just started believes in a year long gone, before any certificate. What it has instead is a time that has certainly passed: then
/// the clock is set to that. A certificate younger than it is refused until somebody (SNTP, a desired document) brings a later time.
/// </summary>
internal static class TlsClock
{
    /// <summary>2025-01-01: a clock before it was never set.</summary>
    internal const long Plausible = 1_735_689_600;

    /// <summary>Makes the clock good enough for certificates.</summary>
    /// <param name="clock">The board's.</param>
    /// <param name="floor">Unix time that has passed for certain; 0: unknown.</param>
    /// <returns>False: there is no time to go by.</returns>
    internal static bool Prepare(IBoardClock clock, long floor)
    {
        long now = clock.Seconds();
        if (now >= Plausible && now >= floor)
        {
            return true;
        }

        return floor >= Plausible && clock.SetSeconds(floor);
    }
}
