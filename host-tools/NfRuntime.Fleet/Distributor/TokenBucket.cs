using System;

namespace NfRuntime.Fleet.Distribution;

/// <summary>Lets so many units a second pass, and a little more at once. Exact: what is left of a ms is not lost.</summary>
internal sealed class TokenBucket(long now)
{
    private const long Scale = 1000; // units are counted in thousandths, so that a ms of any rate is whole
    private long _level;
    private long _at = now;

    /// <summary>Adds what came since the last time.</summary>
    /// <param name="now">ms.</param>
    /// <param name="rate">Units a second, ≥ 1.</param>
    /// <param name="depth">The most that is saved up, in units.</param>
    public void Fill(long now, long rate, long depth)
    {
        long elapsed = Math.Max(0, now - _at);
        _at = now;
        long room = (depth * Scale) - _level;
        _level += elapsed > room / rate ? Math.Max(0, room) : elapsed * rate;
    }

    public bool Has(long units) => _level >= units * Scale;

    public void Take(long units) => _level -= units * Scale;

    /// <summary>ms until so many units are there; at least 1 when they are not.</summary>
    public long Wait(long units, long rate) => Has(units) ? 0 : (((units * Scale) - _level) + rate - 1) / rate;
}
