using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images.Oci;
using NfRuntime.Mosquitto;
using Xunit;

namespace NfRuntime.VirtualDevice.Tests;

/// <summary>Controller and distributor in their simplest form: what the device is tested against shares no code with it.</summary>
internal sealed class Operator : IDisposable
{
    private readonly Topics _topics;
    private readonly MosquittoThread _controller;
    private readonly MosquittoThread _distributor;
    private readonly ImageStore _store;

    public Operator(string tenant, int port, MosquittoTls controller, MosquittoTls distributor, ImageStore store)
    {
        _topics = new Topics(tenant);
        _store = store;
        _controller = Connect(tenant, "controller", port, controller, OnReport);
        _controller.Subscribe(_topics.AllDevices, 1);
        _distributor = Connect(tenant, "distributor", port, distributor, OnWant);
        _distributor.Subscribe(_topics.AllWants, 1);
        _controller.Start();
        _distributor.Start();
    }

    public ConcurrentDictionary<string, StateDocument> States { get; } = new();

    public ConcurrentDictionary<string, OnlineDocument> Online { get; } = new();

    public ConcurrentDictionary<string, CapabilityDocument> Capabilities { get; } = new();

    public ConcurrentQueue<string> Log { get; } = new();

    /// <summary>Bytes of payload that were published as blocks.</summary>
    public long Served { get; private set; }

    public Task<int> SendKeysAsync(byte[] list) => _controller.PublishAsync(_topics.Keys, list, 1, true, TestContext.Current.CancellationToken);

    public Task<int> SendDesiredAsync(string device, DesiredDocument document) =>
        _controller.PublishAsync(_topics.Device(device, TopicKind.Desired), document.Write(), 1, true, TestContext.Current.CancellationToken);

    /// <summary>Waits for a device's report.</summary>
    public async Task<StateDocument> UntilAsync(string device, Func<StateDocument, bool> isSo, string what)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(30); await Task.Delay(20, TestContext.Current.CancellationToken))
        {
            if (States.TryGetValue(device, out StateDocument? state) && isSo(state))
            {
                return state;
            }
        }

        Assert.Fail($"{device}: not {what} within 30 s; state {States.GetValueOrDefault(device)}\n{string.Join('\n', Log)}");
        return null!;
    }

    public void Dispose()
    {
        _controller.Dispose();
        _distributor.Dispose();
    }

    private static MosquittoThread Connect(string tenant, string role, int port, MosquittoTls tls, Action<string, byte[]> received) => new(
        new MosquittoOptions { Host = "127.0.0.1", Port = port, ClientId = $"{role}.{tenant}", Tls = tls },
        new Handler(received),
        e => Console.Error.WriteLine(e));

    private void OnReport(string topic, byte[] payload)
    {
        if (_topics.Parse(topic) is not { } parsed)
        {
            return;
        }

        switch (parsed.Kind)
        {
            case TopicKind.State: States[parsed.Name] = StateDocument.Read(payload); break;
            case TopicKind.Online: Online[parsed.Name] = OnlineDocument.Read(payload); break;
            case TopicKind.Capabilities: Capabilities[parsed.Name] = CapabilityDocument.Read(payload); break;
            case TopicKind.Log: LogDocument.Read(payload).Entries.ToList().ForEach(entry => Log.Enqueue($"{parsed.Name} {entry.Capsule}: {entry.Sentence}")); break;
            default: break;
        }
    }

    private void OnWant(string topic, byte[] payload)
    {
        WantDocument want = WantDocument.Read(payload);
        byte[] blob = _store.Fetch(new Descriptor("application/octet-stream", want.Blob, want.Geometry.Bytes));
        int[] missing = [.. Enumerable.Range(0, want.Missing.Length * 8).Where(i => (want.Missing.Span[i / 8] >> (i % 8) & 1) != 0)];
        foreach (int block in missing)
        {
            byte[] frame = new byte[BlockFrame.HeaderBytes + (1 << want.Geometry.Log2)];
            int count = BlockFrame.Write(frame, want.Geometry, block, block == missing[^1], blob);
            Served += count - BlockFrame.HeaderBytes;
            _distributor.TryPublish(_topics.Blob(want.Blob), frame.AsMemory(0, count), 0, false);
        }
    }

    private sealed class Handler(Action<string, byte[]> received) : IMosquittoHandler
    {
        public void Connected(int reasonCode, bool sessionPresent)
        {
        }

        public void Disconnected(int rc)
        {
        }

        public void Message(string topic, ReadOnlySpan<byte> payload, int qos, bool retain)
        {
            if (payload.Length > 0)
            {
                received(topic, payload.ToArray());
            }
        }

        public void Published(int mid, int reasonCode)
        {
        }
    }
}
