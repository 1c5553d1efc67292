using System;
using System.Collections.Generic;
using NfRuntime.Agent;
using NfRuntime.Mosquitto;
using NfRuntime.VirtualDevice.Transport;
using Xunit;

namespace NfRuntime.VirtualDevice.Tests;

/// <summary>What arrives and waits, without a broker.</summary>
public sealed class TransportQueueTests : IDisposable
{
    private const string Blocks = "nfr/tests/b/00";
    private readonly MosquittoPoll _poll = new();
    private readonly Sink _sink = new();
    private readonly List<string> _troubles = [];
    private MosquittoTransport? _transport;

    public void Dispose()
    {
        _transport?.Dispose();
        _poll.Dispose();
    }

    [Fact]
    public void A_power_cut_leaves_the_next_start_all_the_room_for_blocks()
    {
        MosquittoTransport transport = Make(drop: 0);
        for (int cut = 0; cut < 3; cut++)
        {
            Deliver(Blocks, 40);
            transport.Dispose(); // the agent had no time to take them
        }

        Deliver(Blocks, 64);
        Assert.Equal(0, transport.Overrun);
        Deliver(Blocks, 1);
        Assert.Equal(1, transport.Overrun);
        transport.Poll(_sink, 1000);
        Assert.Equal(64, _sink.Messages);
        Deliver(Blocks, 64);
        Assert.Equal(1, transport.Overrun);
    }

    [Theory]
    [InlineData("nfr/b/keys")]
    [InlineData("nfr/b/d/gate/desired")]
    [InlineData("nfr/tests/d/b/desired")]
    public void Documents_of_a_tenant_or_device_called_b_are_no_blocks(string topic)
    {
        MosquittoTransport transport = Make(drop: 1);
        Deliver(topic, 3);
        Deliver("nfr/b/b/00", 3);
        transport.Poll(_sink, 1000);
        Assert.Equal(3, _sink.Messages);
    }

    [Fact]
    public void A_flood_of_documents_and_what_no_device_could_take_find_no_room()
    {
        MosquittoTransport transport = Make(drop: 0);
        Deliver("nfr/tests/d/g/desired", 10_000);
        transport.Poll(_sink, 10_000);
        Assert.InRange(_sink.Messages, 64, 1000);
        int before = _sink.Messages;
        ((IMosquittoHandler)transport).Message("nfr/tests/d/g/desired", new byte[(1 << 20) + 1], 0, false);
        ((IMosquittoHandler)transport).Message(Blocks, new byte[(1 << 20) + 1], 0, false);
        transport.Poll(_sink, 10);
        Assert.Equal(before, _sink.Messages);
    }

    [Fact]
    public void Why_there_is_no_connection_is_said_each_time()
    {
        MosquittoTransport transport = Make(drop: 0);
        transport.Connect("w", []);
        Assert.Contains("refused", Assert.Single(_troubles), StringComparison.OrdinalIgnoreCase); // nobody listens on port 1
        ((IMosquittoHandler)transport).Connected(135, false);
        ((IMosquittoHandler)transport).Disconnected(7);
        ((IMosquittoHandler)transport).Disconnected(0); // its own goodbye
        Assert.Equal(3, _troubles.Count);
        Assert.Contains("Not authorized", _troubles[1], StringComparison.OrdinalIgnoreCase);
        Assert.Contains("lost", _troubles[2], StringComparison.Ordinal);
    }

    private MosquittoTransport Make(double drop) => _transport = new MosquittoTransport(
        new MosquittoOptions { Host = "127.0.0.1", Port = 1, ClientId = "g" }, _poll, new BlockFaults(drop, 0, 1), (_, _, _) => { }, _troubles.Add);

    private void Deliver(string topic, int count)
    {
        for (int i = 0; i < count; i++)
        {
            ((IMosquittoHandler)_transport!).Message(topic, new byte[16], 0, false);
        }
    }

    private sealed class Sink : IMqttSink
    {
        public int Messages { get; private set; }

        public void OnConnected()
        {
        }

        public void OnDisconnected(int reason)
        {
        }

        public void OnMessage(string topic, byte[] payload, int count, bool retained) => Messages++;
    }
}
