using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net.Sockets;
using NfRuntime.Mosquitto;

namespace NfRuntime.Fleet.Tests.Mosquitto;

/// <summary>A client with its handler: keeps what it was told, and drives itself until something has happened.</summary>
internal sealed class Recorder : IMosquittoHandler, IDisposable
{
    private const int TlsFailed = 8;

    public Recorder(MosquittoOptions options) => Client = new MosquittoClient(options, this);

    public MosquittoClient Client { get; }

    public List<(int Reason, bool SessionPresent)> Connects { get; } = [];

    public List<int> Disconnects { get; } = [];

    public List<(string Topic, byte[] Payload, int Qos, bool Retain)> Messages { get; } = [];

    public Dictionary<int, int> Acknowledged { get; } = [];

    public Dictionary<int, int[]> Grants { get; } = [];

    public Action<string>? OnMessage { get; set; }

    public void Connected(int reasonCode, bool sessionPresent) => Connects.Add((reasonCode, sessionPresent));

    public void Disconnected(int rc) => Disconnects.Add(rc);

    public void Message(string topic, ReadOnlySpan<byte> payload, int qos, bool retain)
    {
        Messages.Add((topic, payload.ToArray(), qos, retain));
        OnMessage?.Invoke(topic);
    }

    public void Published(int mid, int reasonCode) => Acknowledged[mid] = reasonCode;

    public void Subscribed(int mid, ReadOnlySpan<int> granted) => Grants[mid] = granted.ToArray();

    /// <summary>Drives these clients until the condition holds; fails loudly after ten seconds.</summary>
    public static void Until(Func<bool> condition, params Recorder[] clients)
    {
        var waited = Stopwatch.StartNew();
        while (!condition())
        {
            if (waited.Elapsed > TimeSpan.FromSeconds(10))
            {
                throw new TimeoutException("It did not happen. Heard: " + string.Join("; ", clients.SelectMany(c => c.Messages).Select(m => m.Topic)));
            }

            foreach (Recorder client in clients)
            {
                client.Step();
            }
        }
    }

    public Recorder Connect()
    {
        try
        {
            Client.Connect();
        }
        catch (MosquittoException e) when (e.Code == TlsFailed)
        {
            Disconnects.Add(e.Code); // on loopback a handshake can fail before Connect returns
        }

        Until(() => Connects.Count > 0 || Disconnects.Count > 0, this);
        return this;
    }

    public void Subscribe(string filter, int qos = 1)
    {
        int mid = Client.Subscribe(filter, qos);
        Until(() => Grants.ContainsKey(mid), this);
    }

    /// <summary>Publishes and waits for the acknowledgement; returns its reason code.</summary>
    public int Publish(string topic, ReadOnlySpan<byte> payload, bool retain = false)
    {
        int mid = Client.Publish(topic, payload, 1, retain);
        Until(() => Acknowledged.ContainsKey(mid), this);
        Acknowledged.Remove(mid, out int reason);
        return reason;
    }

    public void Dispose() => Client.Dispose();

    private void Step()
    {
        int descriptor = Client.Socket;
        if (descriptor < 0)
        {
            return;
        }

        using var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: false));
        if (socket.Poll(1000, SelectMode.SelectRead))
        {
            Client.LoopRead();
        }

        if (Client.WantsWrite && socket.Poll(0, SelectMode.SelectWrite))
        {
            Client.LoopWrite();
        }

        Client.LoopMisc();
    }
}
