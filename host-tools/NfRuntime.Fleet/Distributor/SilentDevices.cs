using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Fleet.Distribution;

/// <summary>
/// Devices that a pass has served and that have said nothing since: neither that they have all, nor what they lack. Who lost the frame that
/// ends a pass speaks after its stall time (PROTOCOL.md §5.1); who is silent for longer than that is not expected any more.
/// </summary>
internal sealed class SilentDevices
{
    private const long LeastMs = 2600; // 2 s + 25 %, and the way
    private const long MostMs = 10_600; // the third stall
    private const int Crowd = 8;
    private readonly Dictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _until = new(StringComparer.Ordinal);
    private int _served;
    private long _servedAt;

    /// <summary>Whether one is still expected. Most of a crowd did not die at once: then the broker is behind with what it was given.</summary>
    public bool Any(long now)
    {
        if (_served >= Crowd && _until.Count > _served / 2 && now < _servedAt + MostMs)
        {
            return true;
        }

        foreach (string late in _until.Where(u => u.Value <= now).Select(u => u.Key).ToArray())
        {
            _until.Remove(late);
            _waiting.Remove(late);
        }

        return _until.Count > 0;
    }

    /// <summary>It said that it lacks so many blocks. As many as the last time: nothing reached it, and its next stall is twice as long.</summary>
    public void Spoke(string device, int missing)
    {
        _until.Remove(device);
        if (missing == 0)
        {
            _waiting.Remove(device);
            return;
        }

        long stall = _waiting.TryGetValue(device, out Waiting last) && last.Missing == missing ? Math.Min(MostMs, last.StallMs * 2) : LeastMs;
        _waiting[device] = new Waiting(missing, stall);
    }

    /// <summary>The pass that served these is over.</summary>
    public void Expect(IReadOnlyCollection<string> devices, long now)
    {
        (_served, _servedAt) = (devices.Count, now);
        foreach (string device in devices)
        {
            _until[device] = now + (_waiting.TryGetValue(device, out Waiting last) ? last.StallMs : LeastMs);
        }
    }

    private readonly record struct Waiting(int Missing, long StallMs);
}
