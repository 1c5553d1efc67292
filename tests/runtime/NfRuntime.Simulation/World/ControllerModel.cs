using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Agent.Protocol;
using NfRuntime.Simulation.Capsules;

namespace NfRuntime.Simulation.World;

/// <summary>One capsule as the controller wants it on a device.</summary>
internal sealed record Wish(TinyCapsule Capsule, int Mode, int Confirm, ulong Retry, IReadOnlyDictionary<int, int> Rules)
{
    public static readonly IReadOnlyDictionary<int, int> QuickRules = new Dictionary<int, int> { [1] = 5, [3] = 1 };

    /// <summary>As <see cref="QuickRules"/>; one disagreement in ten rejects.</summary>
    private static readonly IReadOnlyDictionary<int, int> StrictRules = new Dictionary<int, int> { [1] = 5, [3] = 1, [4] = 100 };

    /// <summary>Those of a shadow: every other version must agree with the one that serves.</summary>
    public static IReadOnlyDictionary<int, int> ShadowRules(TinyCapsule capsule) => MustAgree(capsule) ? StrictRules : QuickRules;

    /// <summary>Whether it can be rejected for its disagreements, now or in an earlier deployment.</summary>
    public static bool MustAgree(TinyCapsule capsule) => capsule.Version[^1] % 2 == 0;
}

/// <summary>The one writer of desired documents: a generation that rises, and everything published again when it (re)connects or a device is behind.</summary>
internal sealed class ControllerModel : BrokerClient
{
    private const int RepublishMilliseconds = 10_000; // as the controller's

    private readonly Timeline _time;
    private readonly MemoryBroker _broker;
    private readonly string _tenant;
    private readonly Dictionary<string, Desired> _devices = [];
    private byte[] _keys = [];
    private bool _isAlive = true;
    private bool _wasConnected;
    private int _publications;

    public ControllerModel(Timeline time, MemoryBroker broker, string tenant)
    {
        _time = time;
        _broker = broker;
        _tenant = tenant;
        Connect();
    }

    public Sabotage Sabotage { get; init; }

    /// <summary>For people: whether it lives, and whether the broker hears it.</summary>
    public string Describe() => $"controller alive {_isAlive}, connected {IsConnected}, cut off {IsPartitioned}";

    public byte[] Keys
    {
        get => _keys;
        set
        {
            _keys = value;
            _broker.Publish(this, $"nfr/{_tenant}/keys", _keys, 1, true);
        }
    }

    /// <summary>The registry that desired documents name; empty for none.</summary>
    public string Registry { get; set; } = string.Empty;

    /// <summary>Deltas to offer with a capsule, by the digest of its manifest.</summary>
    public Dictionary<string, List<(byte[] Base, byte[] Target, byte[] Delta, int Bytes)>> Deltas { get; } = [];

    public ulong Generation(string device) => _devices.TryGetValue(device, out Desired? desired) ? desired.Generation : 0;

    public IReadOnlyDictionary<string, Wish> Wishes(string device) => _devices.TryGetValue(device, out Desired? desired) ? desired.Wishes : new Dictionary<string, Wish>();

    /// <summary>The document before the newest one, as somebody may have recorded it; null: there is none.</summary>
    public byte[]? Earlier(string device) => _devices.GetValueOrDefault(device)?.Earlier;

    /// <summary>Changes what a device is to have; null: the name is to be removed.</summary>
    public void Want(string device, string name, Wish? wish)
    {
        Desired desired = _devices.TryGetValue(device, out Desired? known) ? known : _devices[device] = new Desired();
        desired.Earlier = desired.Generation == 0 ? null : Document(device);
        desired.Generation++;
        if (wish is null)
        {
            desired.Wishes.Remove(name);
        }
        else
        {
            desired.Wishes[name] = wish.Retry == 0 ? wish : wish with { Retry = desired.Generation };
        }

        Publish(device);
    }

    public void Die()
    {
        _isAlive = false;
        _broker.Disconnect(this, isMeant: false, isHeard: false);
    }

    /// <summary>Starts again; one that lives goes on.</summary>
    public void Rise()
    {
        if (!_isAlive)
        {
            _isAlive = true;
            Connect();
        }
    }

    public byte[] Document(string device)
    {
        Desired desired = _devices[device];
        CborWriter w = new(new byte[CborReader.MaxBytes]);
        w.Map(Registry.Length == 0 ? 3 : 4);
        w.Pair(0, 1);
        w.Pair(1, desired.Generation);
        w.Unsigned(2);
        w.List(desired.Wishes.Count);
        foreach ((string name, Wish wish) in desired.Wishes)
        {
            Write(w, name, wish);
        }

        if (Registry.Length != 0)
        {
            w.Unsigned(3);
            w.Text(Registry);
        }

        return w.Buffer[..w.Count];
    }

    internal override void OnConnected()
    {
        _broker.Subscribe(this, $"nfr/{_tenant}/d/+/state", 1);
        _broker.Publish(this, $"nfr/{_tenant}/keys", _keys, 1, true);
        foreach (string device in Sabotage == Sabotage.ControllerForgets && _wasConnected ? [] : _devices.Keys.ToArray())
        {
            Publish(device);
        }

        _wasConnected = true;
    }

    internal override void OnDisconnected() => _time.After(1000, () =>
    {
        if (_isAlive && !IsConnected)
        {
            Connect();
        }
    });

    internal override void OnMessage(string topic, byte[] payload, bool isRetained)
    {
        string device = topic.Split('/')[3];
        CborReader reader = new();
        if (!reader.Open(payload, payload.Length))
        {
            throw new InvalidOperationException("a device's state breaks the rules of documents");
        }

        reader.Map();
        reader.Skip();
        reader.Skip();
        reader.Skip();
        ulong observed = reader.Unsigned(0, ulong.MaxValue);
        if (_devices.TryGetValue(device, out Desired? desired) && observed < desired.Generation && _time.Now - desired.PublishedAt >= RepublishMilliseconds)
        {
            Publish(device);
        }
    }

    private void Connect() => _broker.Connect(this, $"nfr/{_tenant}/controller", []);

    private void Publish(string device)
    {
        if (Sabotage == Sabotage.ControllerSkips && ++_publications % 3 == 0)
        {
            return;
        }

        if (_broker.Publish(this, $"nfr/{_tenant}/d/{device}/desired", Document(device), 1, true))
        {
            _devices[device].PublishedAt = _time.Now;
        }
    }

    private void Write(CborWriter w, string name, Wish wish)
    {
        List<(byte[] Base, byte[] Target, byte[] Delta, int Bytes)> deltas = Deltas.GetValueOrDefault(Convert.ToHexString(wish.Capsule.Digest), []);
        w.Map(6 + (wish.Retry == 0 ? 0 : 1) + (deltas.Count == 0 ? 0 : 1));
        w.Unsigned(1);
        w.Text(name);
        w.Unsigned(2);
        w.Bytes(wish.Capsule.Digest, 0, 32);
        w.Pair(3, (ulong)wish.Capsule.Manifest.Length);
        w.Pair(4, (ulong)wish.Mode);
        w.Pair(5, (ulong)wish.Confirm);
        if (wish.Retry != 0)
        {
            w.Pair(6, wish.Retry);
        }

        w.Unsigned(7);
        w.Map(wish.Rules.Count);
        foreach ((int key, int value) in wish.Rules.OrderBy(r => r.Key))
        {
            w.Pair(key, (ulong)value);
        }

        if (deltas.Count != 0)
        {
            w.Unsigned(8);
            w.List(deltas.Count);
            foreach ((byte[] from, byte[] target, byte[] delta, int bytes) in deltas)
            {
                w.List(4);
                w.Bytes(from, 0, 32);
                w.Bytes(target, 0, 32);
                w.Bytes(delta, 0, 32);
                w.Unsigned((ulong)bytes);
            }
        }
    }

    private sealed class Desired
    {
        public ulong Generation { get; set; }

        public byte[]? Earlier { get; set; }

        public long PublishedAt { get; set; } = long.MinValue / 2;

        public SortedDictionary<string, Wish> Wishes { get; } = new(StringComparer.Ordinal);
    }
}
