using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images;

namespace NfRuntime.Fleet.Distribution;

/// <summary>
/// One blob that is being served, cut in one way: who lacks what, and where the pass stands. A block is sent once a pass; wants
/// that come during a pass add to what is ahead of it, and the rest waits for the next pass. A pass is held back, within limits, for
/// devices that are expected: on a lossy link each of them would otherwise have the blob streamed again for itself.
/// </summary>
internal sealed class BlobStream(Digest blob, BlockGeometry geometry, long now)
{
    /// <summary>A want that arrives so soon after a block was sent was written before the block arrived.</summary>
    private const long InFlightMs = 300;
    /// <summary>Who lost the last frame does not know that the pass is over: after the first pass so many frames say so.</summary>
    private const int EndFrames = 3;

    /// <summary>A blob this small is sent so often in a further pass: that costs less than one more stall of those that lack it.</summary>
    private const int SmallBytes = 8 << 10;
    private const int SmallCopies = 3;
    private const long HoldPollMs = 20;
    private readonly Dictionary<string, Wanter> _wanters = new(StringComparer.Ordinal);
    private readonly SilentDevices _silent = new();
    private readonly HashSet<BlobStream> _before = [];
    private readonly BlockSet _ahead = new();
    private readonly BlockSet _sent = new();
    private readonly long[] _sentAt = new long[geometry.Blocks];
    private long _gatherSince = -1;
    private long _lastWant = now;
    private int _cursor;
    private int _passes;
    private int _copies;
    private int _sentOfCopy;

    public Digest Blob => blob;

    public BlockGeometry Geometry => geometry;

    /// <summary>Its bytes, once they were found and verified.</summary>
    public ReadOnlyMemory<byte>? Content { get; set; }

    /// <summary>The device that asked first.</summary>
    public string Opener { get; init; } = "";

    public TokenBucket Bucket { get; } = new(now);

    /// <summary>Frames of a pass are being sent.</summary>
    public bool IsStreaming { get; private set; }

    public bool IsIdle => !IsStreaming && _gatherSince < 0;

    public long LastWant => _lastWant;

    /// <summary>Devices lack something of it, or have not said yet that they do not.</summary>
    public bool IsOpen(long now) => _wanters.Count > 0 || _silent.Any(now);

    /// <summary>A device that has left <paramref name="earlier"/> wants this one: others are likely to come the same way.</summary>
    public void Follow(BlobStream earlier)
    {
        if (earlier != this && !earlier._before.Contains(this))
        {
            _before.Add(earlier);
            _before.UnionWith(earlier._before);
        }
    }

    /// <summary>A stream that is not served any more is waited for by none.</summary>
    public void Forget(BlobStream earlier) => _before.Remove(earlier);

    /// <summary>Takes the newest want of a device; an empty one ends its interest.</summary>
    public void Want(string device, BlockSet missing, uint rate, long now)
    {
        _lastWant = now;
        _silent.Spoke(device, missing.Count);
        if (missing.IsEmpty)
        {
            _wanters.Remove(device);
            Recount(now);
            return;
        }

        // Who waits for this very pass asks again when it is held back or slow: what it lacks may be on its way, and it will say so after the pass.
        Wanter? known = IsStreaming ? _wanters.GetValueOrDefault(device) : null;
        var wanter = new Wanter(rate);
        for (int block = missing.NextCyclic(0); block >= 0; block = Following(missing, block))
        {
            if (!IsStreaming || !_sent.Contains(block))
            {
                wanter.Ahead.Add(block);
            }
            else if (known is null ? now - _sentAt[block] > InFlightMs : known.Next.Contains(block))
            {
                wanter.Next.Add(block);
            }
        }

        _wanters[device] = wanter;
        Recount(now);
        if (IsIdle)
        {
            _gatherSince = now;
        }
    }

    /// <summary>Begins a pass when gathering is over. Returns the ms until then, 0 while streaming, <see cref="long.MaxValue"/> when idle.</summary>
    public long Gather(long now, DistributorOptions options)
    {
        if (IsStreaming)
        {
            return 0;
        }

        if (_gatherSince < 0)
        {
            return long.MaxValue;
        }

        long ready = Math.Min(Math.Max(_gatherSince + options.GatherMs, _lastWant + options.QuietMs), _gatherSince + Math.Max(options.GatherMs, options.GatherMaxMs));
        if (now < ready)
        {
            return ready - now;
        }

        if (now < _gatherSince + options.HoldMaxMs && (_silent.Any(now) || _before.Any(s => s.IsOpen(now))))
        {
            return HoldPollMs;
        }

        _gatherSince = -1;
        _copies = _passes > 0 && geometry.Bytes <= SmallBytes ? SmallCopies : 1;
        _sentOfCopy = 0;
        _sent.Clear();
        IsStreaming = !_ahead.IsEmpty;
        return IsStreaming ? 0 : long.MaxValue;
    }

    /// <summary>The rate of the slowest wanter, within limits.</summary>
    public long Rate(DistributorOptions options)
    {
        long rate = options.StreamRate;
        foreach (Wanter wanter in _wanters.Values)
        {
            rate = wanter.Rate == 0 || wanter.IsServed ? rate : Math.Min(rate, wanter.Rate);
        }

        return Math.Max(rate, Math.Min(options.FloorRate, options.StreamRate));
    }

    /// <summary>The block that is to be sent next, and whether its frame says that the pass ends.</summary>
    public (int Block, bool EndsPass) Peek() => (_ahead.NextCyclic(_cursor), _copies == 1 && _ahead.Count <= (_passes > 0 ? EndFrames : 1));

    /// <summary>The block was sent. True: that was the end of a pass.</summary>
    public bool Sent(int block, long now)
    {
        _sent.Add(block);
        _sentAt[block] = now;
        _cursor = (block + 1) % geometry.Blocks;
        if (_copies > 1)
        {
            EndCopy();
            return false;
        }

        _ahead.Remove(block);
        foreach (Wanter wanter in _wanters.Values)
        {
            wanter.Ahead.Remove(block);
        }

        if (!_ahead.IsEmpty)
        {
            return false;
        }

        EndPass(now);
        return true;
    }

    private void EndCopy()
    {
        if (++_sentOfCopy >= _ahead.Count)
        {
            (_copies, _sentOfCopy) = (_copies - 1, 0);
        }
    }

    private void EndPass(long now)
    {
        IsStreaming = false;
        _passes++;
        var served = new List<string>();
        foreach ((string device, Wanter wanter) in _wanters)
        {
            wanter.Ahead.UnionWith(wanter.Next);
            wanter.Next.Clear();
            if (wanter.IsServed)
            {
                served.Add(device);
            }
        }

        served.ForEach(device => _wanters.Remove(device));
        _silent.Expect(served, now);
        Unite();
        _gatherSince = _ahead.IsEmpty ? -1 : now;
    }

    private void Recount(long now)
    {
        Unite();
        if (IsStreaming && _ahead.IsEmpty)
        {
            EndPass(now); // nobody is left who wants the rest of it
        }
    }

    private void Unite()
    {
        _ahead.Clear();
        foreach (Wanter wanter in _wanters.Values)
        {
            _ahead.UnionWith(wanter.Ahead);
        }
    }

    private int Following(BlockSet set, int block)
    {
        int next = block + 1 < geometry.Blocks ? set.NextCyclic(block + 1) : -1;
        return next > block ? next : -1;
    }

    private sealed class Wanter(uint rate)
    {
        public uint Rate => rate;

        /// <summary>Blocks of this pass that are still to come.</summary>
        public BlockSet Ahead { get; } = new();

        /// <summary>Blocks that this pass has been over already.</summary>
        public BlockSet Next { get; } = new();

        public bool IsServed => Ahead.IsEmpty && Next.IsEmpty;
    }
}
