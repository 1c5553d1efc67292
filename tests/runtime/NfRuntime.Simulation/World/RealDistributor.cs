using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Fleet.Distribution;
using NfRuntime.Fleet.Mqtt;
using NfRuntime.Images;

namespace NfRuntime.Simulation.World;

/// <summary>
/// The distributor of host-tools/NfRuntime.Fleet on virtual time. Its connection behaves as its real one does: it connects again by itself
/// after each loss, and subscribes again to all that it ever subscribed to.
/// </summary>
internal sealed class RealDistributor : DistributorService, IFleetMqtt, IBlobSource
{
    private const int LongestPause = 30_000;

    private readonly Timeline _time;
    private readonly MemoryBroker _broker;
    private readonly Random _random;
    private readonly string _tenant;
    private readonly Dictionary<string, byte[]> _blobs = [];
    private readonly List<(string Filter, int Qos)> _wished = [];
    private readonly Queue<Action<IFleetMqttSink>> _arrived = new();
    private DistributorMeters? _meters;
    private BlobDistributor? _distributor;
    private int _life; // counts starts: what an earlier life had planned is void
    private int _attempts;
    private bool _isStarted; // what connects again is at it
    private bool _wasConnected;
    private long _stepAt = long.MaxValue;

    public RealDistributor(Timeline time, MemoryBroker broker, Random random, string tenant, string name)
    {
        _time = time;
        _broker = broker;
        _random = random;
        _tenant = tenant;
        Name = name;
        Rise();
    }

    public event Action? Arrived;

    public override string Name { get; }

    public override void Add(byte[] digest, byte[] bytes) => _blobs[Convert.ToHexStringLower(digest)] = bytes;

    public override void Die()
    {
        _life++;
        _stepAt = long.MaxValue;
        _broker.Disconnect(this, isMeant: false, isHeard: false);
        Dispose();
    }

    public override void Rise()
    {
        if (_distributor is null)
        {
            _arrived.Clear();
            _wished.Clear();
            (_attempts, _isStarted, _wasConnected) = (0, false, false);
            _meters = new DistributorMeters();
            _distributor = new BlobDistributor(new DistributorOptions { Tenant = _tenant, Name = Name }, this, this, _meters, _random.NextDouble, _time.Now);
            WakeAt(0);
        }
    }

    public override string Describe() =>
        $"{Name} (the real one) alive {_distributor is not null}, connected {IsConnected} ({_distributor?.IsConnected}), cut off {IsPartitioned}, sees [{string.Join(", ", _distributor?.Present ?? [])}], streams {_meters?.Streams}";

    public void Connect(FleetWill? will)
    {
        if (!_isStarted)
        {
            _isStarted = true;
            _broker.Connect(this, will!.Topic, will.Payload.ToArray());
        }
    }

    public void Disconnect() => _broker.Disconnect(this, isMeant: true);

    public void Poll(IFleetMqttSink sink, int messages)
    {
        for (int i = 0; i < messages && _arrived.TryDequeue(out Action<IFleetMqttSink>? tell); i++)
        {
            tell(sink);
        }
    }

    public bool Publish(string topic, ReadOnlySpan<byte> payload, int qos, bool retain) => _broker.Publish(this, topic, payload.ToArray(), qos, retain);

    public bool Subscribe(string filter, int qos)
    {
        if (!_wished.Contains((filter, qos)))
        {
            _wished.Add((filter, qos));
            _ = _broker.Subscribe(this, filter, qos);
        }

        return true;
    }

    public bool AskAgain(string topic) => throw new NotSupportedException("a distributor asks for nothing again");

    public Task<ReadOnlyMemory<byte>?> FindAsync(Digest digest, int bytes, CancellationToken token) =>
        Task.FromResult<ReadOnlyMemory<byte>?>(_blobs.TryGetValue(digest.Hex, out byte[]? blob) && blob.Length == bytes ? blob : null);

    public void Dispose()
    {
        _distributor?.Dispose();
        _meters?.Dispose();
        (_distributor, _meters) = (null, null);
    }

    internal override void OnConnected()
    {
        (_attempts, _wasConnected) = (0, true);
        foreach ((string filter, int qos) in _wished)
        {
            _broker.Subscribe(this, filter, qos);
        }

        Tell(sink => sink.OnConnected());
    }

    // As MosquittoThread: the core hears of a connection that it had; attempts that fail are the connection's own business.
    internal override void OnDisconnected()
    {
        if (_wasConnected)
        {
            _wasConnected = false;
            Tell(sink => sink.OnDisconnected("the simulated connection was lost"));
        }

        int life = _life;
        _time.After(_random.Next(Math.Min(LongestPause, 250 << Math.Min(_attempts++, 7))), () =>
        {
            if (life == _life && !IsConnected)
            {
                _broker.Connect(this, $"nfr/{_tenant}/p/{Name}", []);
            }
        });
    }

    internal override void OnMessage(string topic, byte[] payload, bool isRetained) => Tell(sink => sink.OnMessage(topic, payload, isRetained));

    private void Tell(Action<IFleetMqttSink> tell)
    {
        _arrived.Enqueue(tell);
        Arrived?.Invoke();
        WakeAt(0);
    }

    private void WakeAt(long wait)
    {
        long at = _time.Now + wait;
        if (at >= _stepAt && _stepAt >= _time.Now)
        {
            return;
        }

        _stepAt = at;
        int life = _life;
        _time.After(wait, () =>
        {
            if (life == _life && _stepAt == at && _distributor is not null)
            {
                _stepAt = long.MaxValue;
                WakeAt(Math.Max(1, Math.Min(1000, _distributor.Step(_time.Now))));
            }
        });
    }
}
