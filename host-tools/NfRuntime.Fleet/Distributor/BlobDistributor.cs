using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Fleet.Mqtt;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images;

namespace NfRuntime.Fleet.Distribution;

/// <summary>
/// Serves blobs to the devices of a tenant: PROTOCOL.md §5. Deterministic: it owns no thread and never waits; the caller calls <see cref="Step"/>
/// and gives the time. Wants are untrusted: parsed strictly, limited for each device, and a blob is served only when its digest is right.
/// </summary>
public sealed class BlobDistributor : IFleetMqttSink, IDisposable
{
    private const int MessagesAtOnce = 256;
    private const int FramesAtOnce = 64;
    private const long PresenceMs = 2000;
    private const long BeatMs = 10_000;
    private const long GoneMs = 35_000;
    private const long SearchMs = 5;
    private const long BurstMs = 20;
    private readonly DistributorOptions _options;
    private readonly IFleetMqtt _mqtt;
    private readonly Topics _topics;
    private readonly DistributorMeters _meters;
    private readonly Action<string> _log;
    private readonly ConnectionKeeper _connection;
    private readonly Streams _streams;
    private readonly WantLimiter _limiter;
    private readonly TokenBucket _total;
    private readonly SortedDictionary<string, long> _present = new(StringComparer.Ordinal);
    private readonly byte[] _frame = new byte[BlockFrame.HeaderBytes + (1 << BlockGeometry.MaxLog2)];
    private readonly ulong _start;
    private long _now;
    private long _presenceDue;
    private long _beatDue;
    private PresenceDocument? _presence;

    /// <param name="options">Names and limits.</param>
    /// <param name="mqtt">Not connected yet; the caller disposes of it.</param>
    /// <param name="source">Where blobs are found.</param>
    /// <param name="meters">Counters; the caller disposes of them.</param>
    /// <param name="random">Uniform in [0, 1).</param>
    /// <param name="now">Unix ms.</param>
    /// <param name="log">Takes a sentence for the operator.</param>
    /// <exception cref="ArgumentException">A name is no name.</exception>
    public BlobDistributor(DistributorOptions options, IFleetMqtt mqtt, IBlobSource source, DistributorMeters meters, Func<double> random, long now, Action<string>? log = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var capped = new CappedLog(log ?? (_ => { }), () => _now);
        (_options, _mqtt, _meters, _log) = (options, mqtt, meters, capped.Write);
        _topics = new Topics(options.Tenant);
        if (!Topics.IsName(options.Name))
        {
            throw new ArgumentException("a distributor's name is 1 to 32 of a-z, 0-9 and -", nameof(options));
        }

        (_start, _now, _total) = ((ulong)now, now, new TokenBucket(now));
        _connection = new ConnectionKeeper(mqtt, new FleetWill(_topics.Presence(options.Name), ReadOnlyMemory<byte>.Empty, Retain: true), random);
        _streams = new Streams(options, source, meters, _log);
        _limiter = new WantLimiter(options.WantsPerSecond);
    }

    public bool IsConnected => _connection.IsConnected;

    /// <summary>The distributors that are there, this one among them.</summary>
    public IReadOnlyCollection<string> Present => _present.Keys;

    /// <summary>Searches for blobs that have not ended.</summary>
    internal int SearchesUnderWay => _streams.SearchesUnderWay;

    /// <summary>Does what is to be done at <paramref name="now"/> (Unix ms, never going back). Returns the ms until it has more to do.</summary>
    public long Step(long now)
    {
        _now = now;
        _mqtt.Poll(this, MessagesAtOnce);
        long wait = _connection.Step(now);
        if (!IsConnected)
        {
            return Math.Min(wait, 1000);
        }

        Expire();
        _streams.Search(now);
        _streams.Drop(s => s.IsIdle && now - s.LastWant > _options.IdleMs);
        long next = Math.Min(Serve(), _streams.IsSearching ? SearchMs : 1000);
        AnnounceAgain();
        return next;
    }

    /// <summary>Says goodbye: the presence is taken back.</summary>
    public void Stop()
    {
        _mqtt.Publish(_topics.Presence(_options.Name), [], 1, true);
        _mqtt.Disconnect();
    }

    public void Dispose() => _streams.Dispose();

    void IFleetMqttSink.OnConnected()
    {
        _connection.Connected(_now);
        _present.Clear();
        _present[_options.Name] = long.MaxValue;
        _presence = null;
        _presenceDue = _now;
        _mqtt.Subscribe(_topics.AllPresence, 1);
        _mqtt.Subscribe(_topics.AllWants, 1);
        AnnounceAgain();
    }

    void IFleetMqttSink.OnDisconnected(string reason)
    {
        _connection.Disconnected(_now);
        _streams.Drop(_ => true); // who still lacks something will say so again
        _log($"not connected to the broker: {reason}");
    }

    void IFleetMqttSink.OnMessage(string topic, ReadOnlySpan<byte> payload, bool isRetained)
    {
        switch (_topics.Parse(topic))
        {
            case { Kind: TopicKind.Presence, Name: var name }:
                OnPresence(name, payload);
                break;
            case { Kind: TopicKind.Want, Name: var device } when !isRetained:
                OnWant(device, payload);
                break;
            default:
                break;
        }
    }

    private void OnPresence(string name, ReadOnlySpan<byte> payload)
    {
        if (name == _options.Name)
        {
            if (payload.IsEmpty)
            {
                (_presence, _presenceDue) = (null, _now); // the will of an earlier connection came late
            }

            return;
        }

        if (payload.IsEmpty)
        {
            _present.Remove(name);
            return;
        }

        try
        {
            if (PresenceDocument.Read(payload).Distributor == name)
            {
                _present[name] = _now;
                _streams.Drop(s => !IsMine(s.Blob));
            }
        }
        catch (ProtocolException e)
        {
            _log($"the presence of {name} is malformed: {e.Message}");
        }
    }

    private void OnWant(string device, ReadOnlySpan<byte> payload)
    {
        if (!_limiter.Allows(device, _now))
        {
            _meters.Refused();
            return;
        }

        WantDocument want;
        try
        {
            want = WantDocument.Read(payload);
        }
        catch (ProtocolException e)
        {
            _meters.Refused();
            _log($"a want of {device} is malformed: {e.Message}");
            return;
        }

        if (IsMine(want.Blob))
        {
            Take(device, want);
        }
    }

    private void Take(string device, WantDocument want)
    {
        if (_streams.For(device, want, _now) is not { } stream)
        {
            _meters.Refused();
            return;
        }

        _meters.Want();
        var missing = BlockSet.Of(want.Missing.Span);
        _streams.Moves(device, stream, missing.IsEmpty);
        stream.Want(device, missing, want.Rate, _now);
    }

    private bool IsMine(Digest blob) => Rendezvous.Owner(blob, _present.Keys) == _options.Name;

    private long Serve()
    {
        long wait = 1000;
        foreach (BlobStream stream in _streams.All)
        {
            if (stream.Content is not null)
            {
                wait = Math.Min(wait, stream.Gather(_now, _options) is var gather and > 0 ? gather : wait);
                long rate = stream.Rate(_options);
                stream.Bucket.Fill(_now, rate, Depth(rate, stream.Geometry));
            }
        }

        _total.Fill(_now, _options.TotalRate, Depth(_options.TotalRate, new BlockGeometry(1, BlockGeometry.MaxLog2)));
        for (int i = 0; i < FramesAtOnce; i++)
        {
            IReadOnlyList<BlobStream> turn = _streams.InTurn();
            if (turn.Count == 0)
            {
                return wait;
            }

            long soonest = long.MaxValue;
            bool sent = false;
            foreach (BlobStream stream in turn)
            {
                long until = TrySend(stream);
                sent |= until == 0;
                soonest = Math.Min(soonest, until);
            }

            if (!sent)
            {
                return Math.Min(wait, soonest);
            }
        }

        return 0;
    }

    // Two frames at least, or a rate below 50 frames a second would not be reached.
    private static long Depth(long rate, BlockGeometry geometry) => Math.Max(rate * BurstMs / 1000, 2L * (BlockFrame.HeaderBytes + (1 << geometry.Log2)));

    // 0: a frame was sent. Else the ms until one can be.
    private long TrySend(BlobStream stream)
    {
        (int block, bool endsPass) = stream.Peek();
        if (block < 0)
        {
            return 1000; // its pass has ended in this round
        }

        int bytes = BlockFrame.HeaderBytes + stream.Geometry.Block(block).Length;
        long wait = Math.Max(stream.Bucket.Wait(bytes, stream.Rate(_options)), _total.Wait(bytes, _options.TotalRate));
        if (wait > 0)
        {
            return wait;
        }

        int length = BlockFrame.Write(_frame, stream.Geometry, block, endsPass, stream.Content!.Value.Span);
        if (!_mqtt.Publish(_topics.Blob(stream.Blob), _frame.AsSpan(0, length), 0, false))
        {
            return 1; // the broker is slower than the pace
        }

        stream.Bucket.Take(bytes);
        _total.Take(bytes);
        _meters.Frame(length);
        if (stream.Sent(block, _now))
        {
            _meters.Pass();
        }

        return 0;
    }

    // What a broker retains of a distributor that died together with it would be served by nobody for ever.
    private void Expire()
    {
        foreach (string gone in _present.Where(p => _now > p.Value && _now - p.Value >= GoneMs).Select(p => p.Key).ToArray())
        {
            _present.Remove(gone);
            _log($"nothing was heard of distributor {gone} for {GoneMs / 1000} s: it counts as gone");
        }
    }

    private void AnnounceAgain()
    {
        _meters.Streams = _streams.All.Count(s => !s.IsIdle);
        var counts = new PresenceCounts((ulong)_meters.PublishedBytes, (ulong)_meters.PublishedFrames, (uint)_meters.Streams);
        var presence = new PresenceDocument(_options.Name, _start, counts);
        if (_now >= _presenceDue && (presence != _presence || _now >= _beatDue) && _mqtt.Publish(_topics.Presence(_options.Name), presence.Write(), 1, true))
        {
            (_presence, _presenceDue, _beatDue) = (presence, _now + PresenceMs, _now + BeatMs);
        }
    }
}
