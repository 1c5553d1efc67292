using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace NfRuntime.Agent.M2Mqtt.Tests;

public sealed partial class TransportTests
{
    private readonly FakeClock _clock = new();
    private readonly FakeLinks _links = new();
    private readonly M2MqttOptions _options = new() { QueueMessages = 4, QueueBytes = 100 };
    private readonly Ear _ear = new();
    private readonly M2MqttTransport _transport;

    public TransportTests()
    {
        _transport = new M2MqttTransport(_options, _links, _clock);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void The_will_is_text_since_the_client_takes_nothing_else()
    {
        Connect();
        Assert.Equal("nfr/t/d/x/online=offline", _links.Last.Will);
    }

    [Fact]
    public void Without_room_in_a_poll_nothing_is_handed_over()
    {
        _transport.Connect("w", [1]);
        Until(() => _links.Made.Count == 1 && _links.Last.Up);
        Thread.Sleep(50);
        _transport.Poll(_ear, 0);
        Assert.Empty(_ear.Heard);
        Hear("connected");
    }

    [Fact]
    public async Task Messages_of_another_thread_come_inside_polls_on_the_callers_in_their_order()
    {
        _options.QueueMessages = 2000;
        _options.QueueBytes = 100_000;
        var transport = new M2MqttTransport(_options, _links, _clock);
        transport.Connect("w", [1]);
        Until(() => _links.Made.Count == 1 && _links.Last.Up);
        FakeLink link = _links.Last;
        Task raised = Task.Run(
            () =>
            {
                for (int i = 0; i < 1000; i++)
                {
                    link.Sink.OnMessage(i.ToString(), [(byte)i], i % 2, i % 3 == 0);
                }
            },
            Cancellation);
        while (_ear.Heard.Count < 1001)
        {
            transport.Wait(100);
            transport.Poll(_ear, 4);
            Assert.Contains(_ear.Thread, new[] { 0, Environment.CurrentManagedThreadId });
        }

        await raised;
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"{i} 1 {(byte)i}{(i % 3 == 0 ? " retained" : string.Empty)}"), _ear.Heard.Skip(1));
        Assert.Equal(0, transport.Dropped);
    }

    [Fact]
    public void A_poll_hands_over_no_more_messages_than_it_may()
    {
        Connect();
        for (int i = 0; i < 3; i++)
        {
            _links.Last.Sink.OnMessage("t", [(byte)i], 1, false);
        }

        _transport.Poll(_ear, 2);
        Assert.Equal(["t 1 0", "t 1 1"], _ear.Heard);
        _transport.Poll(_ear, 2);
        Assert.Equal(3, _ear.Heard.Count);
    }

    [Fact]
    public void What_comes_during_a_poll_may_be_answered_to_inside_it()
    {
        Connect();
        _ear.Messages = topic =>
        {
            Assert.True(_transport.Publish("answer", [1, 2, 3], 2, 1, false));
            Assert.True(_transport.Subscribe(topic, 0));
            _links.Last.Sink.OnMessage("more", [7], 0, false);
            _ear.Messages = null;
        };
        _links.Last.Sink.OnMessage("t", [1], 1, false);
        _transport.Poll(_ear, 10);
        Assert.Equal(["t 1 1", "more 1 7"], _ear.Heard);
        Assert.Equal(["publish answer 1 False", "subscribe t 0"], _links.Last.Said());
        Assert.Equal([1, 2], _links.Last.Published);
    }

    [Fact]
    public void A_payload_is_copied_since_the_client_sends_it_later()
    {
        Connect();
        byte[] buffer = [1, 2, 3];
        Assert.True(_transport.Publish("t", buffer, 3, 1, true));
        buffer[0] = 9;
        Assert.Equal([1, 2, 3], _links.Last.Published);
    }

    [Fact]
    public void A_client_whose_queue_is_full_takes_nothing_and_nothing_throws()
    {
        Connect();
        _links.Last.IsFull = true;
        Assert.False(_transport.Publish("t", [1], 1, 1, false));
        _links.Last.IsFull = false;
        Assert.True(_transport.Publish("t", [1], 1, 1, false));
    }

    [Fact]
    public void Blocks_that_find_no_room_are_lost_and_counted_and_documents_are_not()
    {
        Connect();
        FakeLink link = _links.Last;
        link.Sink.OnMessage("desired", new byte[40], 1, true);
        for (int i = 1; i <= 5; i++)
        {
            link.Sink.OnMessage("b/1", Payload(i, 20), 0, false);
        }

        link.Sink.OnMessage("keys", Payload(8, 50), 1, true);
        _transport.Poll(_ear, 10);
        Assert.Equal(["desired 40 0 retained", "keys 50 8 retained"], _ear.Heard);
        Assert.Equal(5, _transport.Dropped);
    }

    [Fact]
    public void A_message_above_all_room_is_refused_and_the_rest_stays()
    {
        Connect();
        _links.Last.Sink.OnMessage("desired", Payload(1, 60), 1, true);
        _links.Last.Sink.OnMessage("desired", new byte[101], 1, true);
        _transport.Poll(_ear, 10);
        Assert.Equal(["desired 60 1 retained"], _ear.Heard);
        Assert.Equal((0, 1), (_transport.Dropped, _transport.TooLarge));
    }

    [Fact]
    public void A_connection_that_ends_takes_along_what_waits_and_is_told_once()
    {
        Connect();
        FakeLink link = _links.Last;
        link.Sink.OnMessage("desired", [1], 1, true); // of which the client cannot tell whether it was cut off
        link.Up = false;
        link.Sink.OnClosed();
        link.Sink.OnMessage("late", [1], 1, true);
        Hear("disconnected -1");
        Assert.Single(_ear.Heard);
        Assert.False(_transport.Publish("t", [1], 1, 0, false));
        Until(() => link.IsClosed);
        Connect();
        Assert.Equal(2, _links.Made.Count);
        Assert.NotSame(link, _links.Last);
    }

    [Fact]
    public void A_client_that_forgets_to_tell_is_noticed()
    {
        Connect();
        _links.Last.Up = false;
        Assert.False(_transport.Subscribe("t", 0));
        Hear("disconnected -1");
        Until(() => _links.Last.IsClosed);
    }

    [Fact]
    public void A_good_bye_reaches_the_broker_and_a_loss_does_not_pretend_one()
    {
        Connect();
        _transport.Disconnect();
        _transport.Disconnect();
        Hear("disconnected 0");
        Assert.Single(_ear.Heard);
        Until(() => _links.Last.IsClosed);
        Assert.Equal(["disconnect", "close"], _links.Last.Said());

        Connect();
        _links.Last.Up = false;
        Hear("disconnected -1");
        Until(() => _links.Last.IsClosed);
        Assert.Equal(["close"], _links.Last.Said());
    }

    [Fact]
    public void A_subscription_without_an_answer_ends_the_connection()
    {
        Connect();
        Assert.True(_transport.Subscribe("desired", 1));
        Assert.True(_transport.Subscribe("keys", 1));
        _links.Last.Sink.OnSubscribed(1, true);
        _clock.Advance(9_999);
        _transport.Poll(_ear, 10);
        Assert.Empty(_ear.Heard);
        _clock.Advance(1);
        Hear("disconnected -5");
        Assert.Equal("a subscription was refused or not answered: not answered", _transport.LastError);
    }

    [Fact]
    public void A_subscription_that_is_refused_ends_the_connection_and_one_that_is_granted_does_not()
    {
        Connect();
        Assert.True(_transport.Subscribe("desired", 1));
        _links.Last.Sink.OnSubscribed(1, true);
        _clock.Advance(100_000);
        _transport.Poll(_ear, 10);
        Assert.Empty(_ear.Heard);
        Assert.True(_transport.Subscribe("other", 1));
        _links.Last.Sink.OnSubscribed(2, false);
        Hear("disconnected -5");
    }

    [Fact]
    public void Nothing_is_allocated_for_a_message_that_is_handed_over()
    {
        Connect();
        var sink = new Counter();
        byte[] payload = new byte[50];
        IMqttLinkSink from = _links.Last.Sink;
        long before = 0;
        for (int i = 0; i < 1000; i++)
        {
            before = i == 100 ? GC.GetAllocatedBytesForCurrentThread() : before;
            from.OnMessage("b/1", payload, 0, false);
            _transport.Poll(sink, 4);
        }

        Assert.Equal(1000, sink.Messages);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 899); // of 900 messages; what there is is the runtime's own, once
    }

    private static byte[] Payload(int first, int count)
    {
        byte[] payload = new byte[count];
        payload[0] = (byte)first;
        return payload;
    }

    private static void Until(Func<bool> condition)
    {
        Assert.True(SpinWait.SpinUntil(() => condition() || Pause(), 10_000), "it did not come");
    }

    private static bool Pause()
    {
        Thread.Sleep(1);
        return false;
    }

    private void Connect()
    {
        _ear.Heard.Clear();
        _transport.Connect("nfr/t/d/x/online", [0xA3]);
        Hear("connected");
        _ear.Heard.Clear();
    }

    // The last thing that is heard.
    private void Hear(string what)
    {
        Until(() =>
        {
            _transport.Poll(_ear, 10);
            return _ear.Heard.LastOrDefault() == what;
        });
    }

    private sealed class Counter : IMqttSink
    {
        public int Messages { get; private set; }

        public void OnConnected()
        {
        }

        public void OnDisconnected(int reason) => Assert.Fail($"disconnected {reason}");

        public void OnMessage(string topic, byte[] payload, int count, bool isRetained) => Messages++;
    }
}
