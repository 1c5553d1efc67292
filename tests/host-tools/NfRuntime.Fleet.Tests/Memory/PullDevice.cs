using System;
using NfRuntime.Fleet.Distribution;
using NfRuntime.Fleet.Mqtt;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images;

namespace NfRuntime.Fleet.Tests.Memory;

/// <summary>A device that does nothing but fetch one blob: PROTOCOL.md §5, its side.</summary>
internal sealed class PullDevice : IFleetMqttSink
{
    private readonly Func<long> _clock;
    private readonly IFleetMqtt _mqtt;
    private readonly Topics _topics = new("t");
    private readonly Digest _digest;
    private readonly BlockGeometry _geometry;
    private readonly byte[] _content;
    private readonly BlockSet _missing = new();
    private readonly Random _random;
    private long _deadline;
    private long _stall = 2000;

    public PullDevice(IFleetMqtt mqtt, Func<long> clock, string name, Digest digest, BlockGeometry geometry, int seed)
    {
        (_mqtt, _clock, Name, _digest, _geometry, _content, _random) = (mqtt, clock, name, digest, geometry, new byte[geometry.Bytes], new Random(seed));
        for (int i = 0; i < geometry.Blocks; i++)
        {
            _missing.Add(i);
        }

        _mqtt.Connect(null);
    }

    public string Name { get; }

    public uint Rate { get; init; }

    public int Wants { get; private set; }

    public int Duplicates { get; private set; }

    public int BadFrames { get; private set; }

    public bool IsComplete => _missing.IsEmpty;

    /// <summary>Whether what arrived is the blob.</summary>
    public bool IsRight => IsComplete && Digest.Of(_content) == _digest;

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

        if (frame.Geometry != _geometry)
        {
            BadFrames++;
            return;
        }

        if (!_missing.Contains(frame.Index))
        {
            Duplicates++;
        }

        frame.Data.Span.CopyTo(_content.AsSpan(_geometry.Block(frame.Index).Offset));
        _missing.Remove(frame.Index);
        _stall = 2000;
        Stall();
        if (frame.EndsPass && !IsComplete)
        {
            SendWant();
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
