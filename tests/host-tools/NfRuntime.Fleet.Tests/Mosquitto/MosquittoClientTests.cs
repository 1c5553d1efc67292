using System;
using System.Linq;
using System.Text;
using NfRuntime.Mosquitto;
using Xunit;

namespace NfRuntime.Fleet.Tests.Mosquitto;

/// <summary>The binding against a real broker.</summary>
public sealed class MosquittoClientTests : IDisposable
{
    private readonly PlainBroker _broker = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_message_arrives_as_it_was_sent(bool mqtt5)
    {
        byte[] payload = Enumerable.Range(0, 200_000).Select(i => (byte)(i * 31)).ToArray();
        using Recorder listener = Connect("listener", mqtt5);
        using Recorder sender = Connect("sender", mqtt5);
        listener.Subscribe("a/+/ü", qos: 2);
        int mid = sender.Client.Publish("a/b/ü", payload, 2, retain: true);
        int empty = sender.Client.Publish("a/c/ü", [], 0, retain: false);
        Recorder.Until(() => listener.Messages.Count == 2 && sender.Acknowledged.Count == 2, listener, sender);

        var big = listener.Messages.Single(m => m.Topic == "a/b/ü");
        Assert.Equal(payload, big.Payload);
        Assert.Equal((2, false), (big.Qos, big.Retain));
        Assert.Empty(listener.Messages.Single(m => m.Topic == "a/c/ü").Payload);
        Assert.Equal((0, 0), (sender.Acknowledged[mid], sender.Acknowledged[empty]));

        using Recorder late = Connect("late", mqtt5);
        late.Subscribe("a/b/ü");
        Recorder.Until(() => late.Messages.Count == 1, late);
        Assert.True(late.Messages[0].Retain);
        Assert.Equal(payload, late.Messages[0].Payload);
    }

    [Fact]
    public void A_client_that_goes_without_a_word_leaves_its_will_and_one_that_says_goodbye_does_not()
    {
        using Recorder listener = Connect("listener");
        listener.Subscribe("will/#");
        using (var polite = new Recorder(Options("polite") with { Will = new MosquittoWill("will/polite", "gone"u8.ToArray(), 1, false) }))
        {
            polite.Connect().Client.Disconnect();
            Assert.Equal([0], polite.Disconnects);
            Assert.Equal(-1, polite.Client.Socket);
        }

        using (var rude = new Recorder(Options("rude") with { Will = new MosquittoWill("will/rude", "gone"u8.ToArray(), 1, false) }))
        {
            rude.Connect();
        }

        Recorder.Until(() => listener.Messages.Count > 0, listener);
        Assert.Equal(["will/rude gone"], listener.Messages.Select(m => $"{m.Topic} {Encoding.UTF8.GetString(m.Payload)}"));
    }

    [Fact]
    public void A_handlers_exception_comes_out_of_the_loop_and_the_client_goes_on()
    {
        using Recorder client = Connect("client");
        client.Subscribe("x");
        client.OnMessage = _ => throw new InvalidOperationException("mine");
        client.Client.Publish("x", "1"u8, 0, false);
        var thrown = Assert.Throws<InvalidOperationException>(() => Recorder.Until(() => false, client));
        Assert.Equal("mine", thrown.Message);

        client.OnMessage = null;
        client.Client.Publish("x", "2"u8, 0, false);
        Recorder.Until(() => client.Messages.Count == 2, client);
        Assert.Equal("2"u8, client.Messages[1].Payload);
    }

    [Fact]
    public void A_handler_may_answer_and_even_dispose_of_its_client_but_not_connect()
    {
        using Recorder client = Connect("client");
        client.Subscribe("ask");
        client.Subscribe("answer");
        client.OnMessage = topic =>
        {
            if (topic == "ask")
            {
                client.Client.Publish("answer", "42"u8, 1, false);
                Assert.Throws<InvalidOperationException>(client.Client.Connect);
            }
            else
            {
                client.Dispose();
            }
        };
        client.Client.Publish("ask", [], 1, false);
        Recorder.Until(() => client.Messages.Any(m => m.Topic == "answer") && client.Client.Socket == -1, client);
        Assert.Throws<ObjectDisposedException>(() => client.Client.Publish("ask", [], 0, false));
    }

    [Fact]
    public void What_was_not_acknowledged_when_the_broker_died_is_sent_to_the_next_one()
    {
        using Recorder client = Connect("client");
        _broker.Kill();
        Recorder.Until(() => client.Disconnects.Count == 1, client);
        int mid = client.Client.Publish("later", "kept"u8, 1, retain: true);
        Assert.Equal(4, Assert.Throws<MosquittoException>(() => client.Client.Publish("later", "lost"u8, 0, false)).Code);
        Assert.Throws<MosquittoException>(client.Client.Connect);

        _broker.Start();
        client.Client.Connect();
        Recorder.Until(() => client.Acknowledged.ContainsKey(mid), client);
        using Recorder reader = Connect("reader");
        reader.Subscribe("later");
        Recorder.Until(() => reader.Messages.Count == 1, reader);
        Assert.Equal("kept"u8, reader.Messages[0].Payload);
        Assert.Equal(3, client.Client.Connection);
    }

    [Fact]
    public void Text_that_C_would_cut_is_refused()
    {
        using Recorder client = Connect("client");
        Assert.Throws<ArgumentException>(() => client.Client.Publish("nfr/t/d/one\0/state", [], 0, false));
        Assert.Throws<ArgumentException>(() => client.Client.Subscribe("", 0));
        Assert.Throws<ArgumentException>(() => new MosquittoClient(Options("a\0b"), client));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MosquittoClient(Options("a") with { Port = 65536 + 1883 }, client));
        Assert.Throws<ArgumentException>(() => new MosquittoClient(Options("a") with { Tls = new MosquittoTls("ca", "certificate") }, client));
        Assert.Throws<MosquittoException>(() => new MosquittoClient(Options("a") with { Tls = new MosquittoTls("/nonexistent") }, client));
    }

    public void Dispose() => _broker.Dispose();

    private Recorder Connect(string id, bool mqtt5 = true)
    {
        Recorder client = new Recorder(Options(id) with { Mqtt5 = mqtt5 }).Connect();
        Assert.Equal([(0, false)], client.Connects);
        return client;
    }

    private MosquittoOptions Options(string id) => new() { Host = "127.0.0.1", Port = _broker.Port, ClientId = id };
}
