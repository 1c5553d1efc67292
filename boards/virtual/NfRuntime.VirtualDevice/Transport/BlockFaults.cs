using System;

namespace NfRuntime.VirtualDevice.Transport;

/// <summary>A bad link: loses block frames and flips bits in them, by a seed.</summary>
/// <param name="drop">Part that is lost, 0 … 1.</param>
/// <param name="corrupt">Part of the rest that arrives with one wrong bit.</param>
/// <param name="seed">The same seed and frames, the same faults.</param>
internal sealed class BlockFaults(double drop, double corrupt, int seed)
{
    private readonly Random _random = new(seed);

    public long Dropped { get; private set; }

    public long Corrupted { get; private set; }

    /// <summary>False: it is lost. The frame may have been changed.</summary>
    public bool Pass(Span<byte> frame)
    {
        if (drop > 0 && _random.NextDouble() < drop)
        {
            Dropped++;
            return false;
        }

        if (corrupt > 0 && frame.Length > 0 && _random.NextDouble() < corrupt)
        {
            Corrupted++;
            frame[_random.Next(frame.Length)] ^= (byte)(1 << _random.Next(8));
        }

        return true;
    }
}
