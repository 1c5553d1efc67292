using System;
using System.Collections.Generic;

namespace NfRuntime.Fleet.Distribution;

/// <summary>How often each device may ask; bounded in memory.</summary>
internal sealed class WantLimiter(int perSecond)
{
    private const int MaxDevices = 100_000;
    private readonly Dictionary<string, TokenBucket> _buckets = new(StringComparer.Ordinal);

    public bool Allows(string device, long now)
    {
        if (!_buckets.TryGetValue(device, out TokenBucket? bucket))
        {
            if (_buckets.Count >= MaxDevices)
            {
                _buckets.Clear(); // forgetting everybody gives each a new allowance, and nobody more than one
            }

            bucket = new TokenBucket(now - 1000);
            _buckets.Add(device, bucket);
        }

        bucket.Fill(now, perSecond, perSecond);
        if (!bucket.Has(1))
        {
            return false;
        }

        bucket.Take(1);
        return true;
    }
}
