using System;
using System.Collections.Generic;
using NfRuntime.Fleet.Distribution;
using NfRuntime.Fleet.Mqtt;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images;

namespace NfRuntime.Fleet.Tests.Memory;

/// <summary>A device that does nothing but fetch blobs, one after the other: PROTOCOL.md §5, its side.</summary>
internal sealed class PullDevice : IFleetMqttSink
{
    private readonly Func<long> _clock;
    private readonly IFleetMqtt _mqtt;
    private readonly Topics _topics = new("t");
    private readonly Queue<(Digest Digest, BlockGeometry Geometry)> _next;
    private readonly BlockSet _missing = new();
    private Digest _digest = null!;
    private BlockGeometry _geometry;
    private byte[] _content = [];
    private readonly Random _random;
    private long _deadline;
    private int _wrong;
    private long _stall = 2000;

    public PullDevice(IFleetMqtt mqtt, Func<long> clock, string name, int seed, params (Digest Digest, BlockGeometry Geometry)[] blobs)
    {
        (_mqtt, _clock, Name, _random, _next) = (mqtt, clock, name, new Random(seed), new(blobs));
        Begin();
        _mqtt.Connect(null);
    }

    public string Name { get; }

    public uint Rate { get; init; }

    public int Wants { get; private set; }

    public int Duplicates { get; private set; }

    public int BadFrames { get; private set; }

    /// <summary>It has all of its blobs.</summary>
    public bool IsComplete => _missing.IsEmpty && _next.Count == 0;

    /// <summary>Whether what arrived are the blobs.</summary>
    public bool IsRight => IsComplete && _wrong == 0 && Digest.Of(_content) == _digest;

    public IFleetMqtt Mqtt => _mqtt;

    public void Step()
    {
        _mqtt.Poll(this, int.MaxValue);
        if (!IsComplete && _deadline > 0 && _clock() >= _deadline)
        {
            _stall = Math.Min(60_000, _stall * 2);
            SendWant();
        }
    }

    public void OnConnected()
    {
        _mqtt.Subscribe(_topics.Blob(_digest), 0);
        SendWant();
    }

    public void OnDisconnected(string reason)
    {
    }

    public void OnMessage(string topic, ReadOnlySpan<byte> payload, bool isRetained)
    {
        BlockFrame frame;
        try
        {
            frame = BlockFrame.Read(payload.ToArray());
        }
        catch (ProtocolException)
        {
            BadFrames++;
            return;
        }

        if (topic != _topics.Blob(_digest))
        {
            return; // of the blob before, on its way while this one was begun
        }

        if (frame.Geometry != _geometry)
        {
            BadFrames++;
            return;
        }

        if (!_missing.Contains(frame.Index))
        {
            Duplicates++;
            if (IsComplete)
            {
                return;
            }
        }

        frame.Data.Span.CopyTo(_content.AsSpan(_geometry.Block(frame.Index).Offset));
        _missing.Remove(frame.Index);
        _stall = 2000;
        Stall();
        if (_missing.IsEmpty)
        {
            End();
        }
        else if (frame.EndsPass)
        {
            SendWant();
        }
    }

    private void Begin()
    {
        (_digest, _geometry) = _next.Dequeue();
        _content = new byte[_geometry.Bytes];
        for (int i = 0; i < _geometry.Blocks; i++)
        {
            _missing.Add(i);
        }
    }

    // As the agent: what is complete is left before the next one is begun.
    private void End()
    {
        _mqtt.Publish(_topics.Device(Name, TopicKind.Want), new WantDocument(_digest, _geometry, default, 0).Write(), 1, false);
        if (_next.Count > 0)
        {
            _wrong += Digest.Of(_content) == _digest ? 0 : 1;
            Begin();
            OnConnected();
        }
    }

    private void SendWant()
    {
        byte[] map = new byte[_geometry.MapBytes];
        for (int block = 0; block < _geometry.Blocks; block++)
        {
            map[block / 8] |= (byte)(_missing.Contains(block) ? 1 << (block % 8) : 0);
        }

        Wants++;
        _mqtt.Publish(_topics.Device(Name, TopicKind.Want), new WantDocument(_digest, _geometry, map, Rate).Write(), 1, false);
        Stall();
    }

    private void Stall() => _deadline = _clock() + (long)(_stall * (0.75 + (_random.NextDouble() / 2)));
}
