using System;
using System.Collections.Generic;
using System.Diagnostics;
using NfRuntime.Agent.Lifecycle;
using NfRuntime.Capsules;
using NfRuntime.Native;

namespace NfRuntime.VirtualDevice.Serving;

/// <summary>The application of a virtual device: gives samples to every capsule that serves, and says what they answer.</summary>
internal sealed class Workload
{
    private const long LookEveryMs = 500;
    private readonly Samples _samples;
    private readonly Action<CapsuleSlot, string, CapsuleResult, long> _answered;
    private readonly double _intervalMs;
    private readonly List<CapsuleSlot> _slots = [];
    private readonly NameRecord _record = new();
    private readonly CapsuleResult _result = new();
    private double _nextSample;
    private long _nextLook;
    private long _fed;
    private int _turn;
    private bool _isInferring;
    private string _sample = string.Empty;
    private long _begun;

    /// <param name="samples">What a sensor would give.</param>
    /// <param name="rate">Samples a second.</param>
    /// <param name="answered">Slot, sample, answer, µs.</param>
    public Workload(Samples samples, double rate, Action<CapsuleSlot, string, CapsuleResult, long> answered)
    {
        _samples = samples;
        _answered = answered;
        _intervalMs = rate > 0 && samples.Count > 0 ? 1000 / rate : double.PositiveInfinity;
    }

    /// <summary>A slice of an inference, or the next sample when it is time.</summary>
    /// <returns>When it wants to be called again, ms; <paramref name="now"/>: at once.</returns>
    public long Step(long now, IDeviceStore store, Func<string, CapsuleSlot?> slotOf)
    {
        if (double.IsInfinity(_intervalMs))
        {
            return long.MaxValue;
        }

        if (_isInferring)
        {
            Advance(_slots[_turn]);
            return now;
        }

        if (now >= _nextLook)
        {
            Look(store, slotOf);
            _nextLook = now + LookEveryMs;
        }

        return now >= _nextSample ? Next(now) : (long)Math.Ceiling(_nextSample);
    }

    // One sample goes to all capsules in turn.
    private long Next(long now)
    {
        if (_slots.Count == 0)
        {
            return _nextLook;
        }

        if (++_turn >= _slots.Count)
        {
            _turn = 0;
            _fed++;
            _nextSample = Math.Max(_nextSample + _intervalMs, now - _intervalMs);
        }

        (string name, byte[] bytes) = _samples.At(_fed);
        CapsuleSlot slot = _slots[_turn];
        _sample = name;
        _begun = Stopwatch.GetTimestamp();
        _isInferring = slot.Feed(bytes, bytes.Length) && slot.Begin();
        return _isInferring || _turn > 0 ? now : (long)Math.Ceiling(_nextSample);
    }

    private void Advance(CapsuleSlot slot)
    {
        _isInferring = slot.Step(0);
        if (!_isInferring && slot.Read(_result))
        {
            _answered(slot, _sample, _result, (long)Stopwatch.GetElapsedTime(_begun).TotalMicroseconds);
        }
    }

    private void Look(IDeviceStore store, Func<string, CapsuleSlot?> slotOf)
    {
        _slots.Clear();
        for (int slot = store.NextName(0, _record); slot > 0; slot = store.NextName(slot, _record))
        {
            if (slotOf(_record.Name) is { } found)
            {
                _slots.Add(found);
            }
        }
    }
}
