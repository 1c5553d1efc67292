using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using NfRuntime.Agent.Protocol;

namespace NfRuntime.Simulation.World;

/// <summary>A distributor after PROTOCOL.md §5.3: presence, rendezvous, a gathering time, one pass over the union of what is missing.</summary>
internal sealed class DistributorModel : DistributorService
{
    private const int Gathering = 200;
    private const int FrameInterval = 4; // milliseconds: its pace

    private readonly Timeline _time;
    private readonly MemoryBroker _broker;
    private readonly string _tenant;
    private readonly Dictionary<string, byte[]> _blobs = [];
    private readonly Dictionary<string, Stream> _streams = [];
    private readonly HashSet<string> _present = [];
    private bool _isAlive = true;

    public DistributorModel(Timeline time, MemoryBroker broker, string tenant, string name)
    {
        _time = time;
        _broker = broker;
        _tenant = tenant;
        Name = name;
        Connect();
    }

    public override string Name { get; }

    public Sabotage Sabotage { get; init; }

    public override void Add(byte[] digest, byte[] bytes) => _blobs[Convert.ToHexStringLower(digest)] = bytes;

    public override string Describe() => $"{Name} alive {_isAlive}, connected {IsConnected}, cut off {IsPartitioned}, sees [{string.Join(", ", _present)}], streams {_streams.Count}";

    public override void Die()
    {
        _isAlive = false;
        _streams.Clear();
        _broker.Disconnect(this, isMeant: false, isHeard: false);
    }

    public override void Rise()
    {
        if (!_isAlive)
        {
            _isAlive = true;
            Connect();
        }
    }

    internal override void OnConnected()
    {
        _present.Clear();
        _present.Add(Name);
        _broker.Subscribe(this, $"nfr/{_tenant}/p/#", 1);
        _broker.Subscribe(this, $"nfr/{_tenant}/d/+/want", 1);
        Announce();
    }

    private void Announce()
    {
        CborWriter writer = new(new byte[128]);
        writer.Map(3);
        writer.Pair(0, 1);
        writer.Unsigned(1);
        writer.Text(Name);
        writer.Pair(2, (ulong)_time.Now);
        _broker.Publish(this, $"nfr/{_tenant}/p/{Name}", writer.Buffer[..writer.Count], 1, true);
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
        string[] parts = topic.Split('/');
        if (parts[2] == "p")
        {
            OnPresence(parts[3], payload.Length != 0);
        }
        else
        {
            OnWant(payload);
        }
    }

    private void OnPresence(string name, bool isThere)
    {
        if (name == Name)
        {
            if (!isThere)
            {
                Announce(); // the will of an earlier connection came late
            }
        }
        else
        {
            _ = isThere ? _present.Add(name) : _present.Remove(name);
        }
    }

    private void Connect() => _broker.Connect(this, $"nfr/{_tenant}/p/{Name}", []);

    private void OnWant(byte[] payload)
    {
        CborReader reader = new();
        if (!reader.Open(payload, payload.Length))
        {
            throw new InvalidOperationException("a device's want breaks the rules of documents");
        }

        reader.Map();
        byte[] digest = new byte[32];
        reader.Skip();
        reader.Skip();
        reader.Skip();
        reader.Bytes(digest);
        reader.Skip();
        int bytes = reader.Number(1, 1 << 24);
        reader.Skip();
        int log2 = reader.Number(10, 15);
        string key = Convert.ToHexStringLower(digest);
        if (!_blobs.TryGetValue(key, out byte[]? blob) || blob.Length != bytes || !IsMine(digest))
        {
            return;
        }

        // The bit map is the last but for the rate, which this model has no use for.
        int blocks = BlobGeometry.Blocks(bytes, log2);
        reader.Skip();
        int at = IndexOfBits(payload, digest, bytes, log2, blocks);
        if (at >= 0)
        {
            Join(key, blob, log2, payload.AsSpan(at, (blocks + 7) / 8));
        }
    }

    // Where the bit map starts; −1: it is empty.
    private static int IndexOfBits(byte[] payload, byte[] digest, int bytes, int log2, int blocks)
    {
        CborWriter prefix = new(new byte[128]);
        WantDocument.Write(prefix, digest, bytes, log2, [], 0, 0);
        int at = prefix.Count - 1; // the head of the byte string
        int count = (blocks + 7) / 8;
        int length = payload[at] & 31;
        return length == 0 ? -1 : length < 24 ? at + 1 : length == 24 && count <= 255 ? at + 2 : at + 3;
    }

    private void Join(string key, byte[] blob, int log2, ReadOnlySpan<byte> bits)
    {
        string id = $"{key}.{log2}";
        bool isNew = !_streams.TryGetValue(id, out Stream? stream);
        stream ??= _streams[id] = new Stream(key, blob, log2, new bool[BlobGeometry.Blocks(blob.Length, log2)]);
        int last = Sabotage == Sabotage.DistributorLeavesOut && stream.Wanted.Length > 1 ? stream.Wanted.Length - 1 : stream.Wanted.Length;
        for (int i = 0; i < last; i++)
        {
            stream.Wanted[i] |= (bits[i / 8] >> (i % 8) & 1) != 0;
        }

        if (isNew)
        {
            _time.After(Gathering, () => Send(id, 0));
        }
    }

    private void Send(string id, int from)
    {
        if (!_isAlive || !IsConnected || !_streams.TryGetValue(id, out Stream? stream))
        {
            _streams.Remove(id);
            return;
        }

        int block = Enumerable.Range(0, stream.Wanted.Length).Select(i => (from + i) % stream.Wanted.Length).FirstOrDefault(i => stream.Wanted[i], -1);
        if (block < 0)
        {
            _streams.Remove(id);
            return;
        }

        stream.Wanted[block] = false;
        bool isLast = !Array.Exists(stream.Wanted, w => w);
        byte[] blob = Sabotage == Sabotage.DistributorCorrupts && stream.Key[0] < '8' ? new byte[stream.Blob.Length] : stream.Blob;
        _broker.Publish(this, $"nfr/{_tenant}/b/{stream.Key}", Frame(blob, stream.Log2, block, isLast), 0, false);
        if (isLast)
        {
            _streams.Remove(id);
        }
        else
        {
            _time.After(FrameInterval, () => Send(id, block + 1));
        }
    }

    /// <summary>A block frame (PROTOCOL.md §5.2).</summary>
    public static byte[] Frame(byte[] blob, int log2, int block, bool isLast)
    {
        int start = block << log2;
        int count = BlobGeometry.BlockBytes(blob.Length, log2, block);
        byte[] frame = new byte[BlockFrame.HeaderBytes + count];
        frame[0] = 0x42;
        frame[1] = 1;
        frame[2] = (byte)log2;
        frame[3] = (byte)(isLast ? 1 : 0);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), block);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(8), blob.Length);
        blob.AsSpan(start, count).CopyTo(frame.AsSpan(16));
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(12), NfRuntime.Model.Golden.Crc32.Of([.. frame.AsSpan(0, 12), .. frame.AsSpan(16)]));
        return frame;
    }

    private bool IsMine(byte[] digest) => _present.MaxBy(name => Weight(digest, name)) == Name;

    private static ulong Weight(byte[] digest, string name) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData([.. digest, .. Encoding.ASCII.GetBytes(name)]));

    private sealed record Stream(string Key, byte[] Blob, int Log2, bool[] Wanted);
}
