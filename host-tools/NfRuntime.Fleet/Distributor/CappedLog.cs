using System;
using System.Threading;

namespace NfRuntime.Fleet.Distribution;

/// <summary>Lines about what devices do, at most five a second, fifty at once: nobody fills the operator's disk by asking for nonsense. Thread-safe.</summary>
internal sealed class CappedLog(Action<string> log, Func<long> clock)
{
    private const int PerSecond = 5;
    private const int AtOnce = 50;
    private readonly Lock _gate = new();
    private TokenBucket? _bucket;
    private long _dropped;

    public void Write(string line)
    {
        lock (_gate)
        {
            long now = clock();
            _bucket ??= new TokenBucket(now - (1000L * AtOnce / PerSecond));
            _bucket.Fill(now, PerSecond, AtOnce);
            if (!_bucket.Has(1))
            {
                _dropped++;
                return;
            }

            _bucket.Take(1);
            log(_dropped == 0 ? line : $"{line} ({_dropped} lines before it were left out)");
            _dropped = 0;
        }
    }
}
