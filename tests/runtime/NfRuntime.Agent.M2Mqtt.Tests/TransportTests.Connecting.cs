using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace NfRuntime.Agent.M2Mqtt.Tests;

/// <content>How a connection comes about, or does not.</content>
public sealed partial class TransportTests
{
    [Fact]
    public void Before_it_is_connected_nothing_is_taken_and_nothing_is_told()
    {
        Assert.False(_transport.Publish("t", [1], 1, 1, true));
        Assert.False(_transport.Subscribe("t", 1));
        Assert.False(_transport.Unsubscribe("t"));
        _transport.Disconnect();
        _transport.Poll(_ear, 10);
        Assert.Empty(_ear.Heard);
        Assert.Empty(_links.Made);
    }

    [Fact]
    public async Task Connecting_does_not_block_and_is_told_inside_a_poll_only()
    {
        _links.Behaviour = FakeLinks.Hangs;
        CancellationToken ends = TestContext.Current.CancellationToken;
        await Task.Run(() => _transport.Connect("w", [1]), ends).WaitAsync(TimeSpan.FromSeconds(10), ends); // the link hangs until it is closed
        Assert.True(_links.Connecting.WaitOne(5000));
        Assert.False(_transport.Publish("t", [1], 1, 0, false));
        _transport.Poll(_ear, 10);
        Assert.Empty(_ear.Heard);
        _transport.Disconnect();
        Hear("disconnected 0");
    }

    [Theory]
    [InlineData(FakeLinks.Throws, "disconnected -2", "the broker cannot be reached: Exception connecting to the broker: no route")]
    [InlineData(FakeLinks.HasNoAddress, "disconnected -2", "the broker cannot be reached: No address found for the remote host name")]
    [InlineData(FakeLinks.DiesAtOnce, "disconnected -1", "the connection was lost")]
    [InlineData(5, "disconnected 5", "the broker refuses, code 5")]
    [InlineData(135, "disconnected 135", "the broker refuses, code 135")]
    public void An_attempt_that_fails_is_told_once_with_its_reason_and_leaves_no_client(int behaviour, string heard, string error)
    {
        _links.Behaviour = behaviour;
        _transport.Connect("w", [1]);
        Hear(heard);
        Assert.Equal(error, _transport.LastError);
        Until(() => _links.Made.All(l => l.IsClosed));
        _transport.Poll(_ear, 10);
        Assert.Single(_ear.Heard);

        _links.Behaviour = FakeLinks.Connects;
        Connect();
    }

    [Fact]
    public void An_attempt_that_hangs_is_given_up_and_its_socket_closed_under_it()
    {
        _links.Behaviour = FakeLinks.Hangs;
        _transport.Connect("w", [1]);
        Assert.True(_links.Connecting.WaitOne(5000));
        _transport.Disconnect();
        Hear("disconnected 0");
        Until(() => _links.Last.IsClosed);
        _links.Behaviour = FakeLinks.Connects;
        Connect();
        Assert.Equal(2, _links.Made.Count);
    }

    [Fact]
    public void Attempts_that_hang_for_ever_do_not_pile_up_threads()
    {
        _links.Behaviour = FakeLinks.HangsForEver;
        for (int i = 0; i < 2; i++)
        {
            _transport.Connect("w", [1]);
            Assert.True(_links.Connecting.WaitOne(5000));
            _transport.Disconnect();
            Hear("disconnected 0");
        }

        for (int i = 0; i < 10; i++)
        {
            _transport.Connect("w", [1]);
            Hear("disconnected -4");
        }

        Assert.Equal(2, _links.Made.Count);
        _links.Release.Set();
        _links.Behaviour = FakeLinks.Connects;
        Until(() =>
        {
            _ear.Heard.Clear();
            _transport.Connect("w", [1]);
            Thread.Sleep(20);
            _transport.Poll(_ear, 10);
            return _ear.Heard.Contains("connected");
        });
    }

    [Fact]
    public void What_an_abandoned_attempt_brings_later_is_nobodys()
    {
        _links.Behaviour = FakeLinks.HangsForEver;
        _transport.Connect("w", [1]);
        Assert.True(_links.Connecting.WaitOne(5000));
        FakeLink old = _links.Last;
        _transport.Disconnect();
        Hear("disconnected 0");
        _links.Behaviour = FakeLinks.Connects;
        Connect();
        _links.Release.Set();
        old.Sink.OnMessage("t", [9], 1, true);
        old.Sink.OnClosed();
        Until(() => old.IsClosed);
        _transport.Poll(_ear, 10);
        Assert.Empty(_ear.Heard);
        Assert.True(_transport.Publish("t", [1], 1, 0, false));
    }

    [Fact]
    public void A_second_connect_replaces_the_first()
    {
        Connect();
        FakeLink first = _links.Last;
        Connect();
        Until(() => first.IsClosed);
        Assert.Equal(2, _links.Made.Count);
    }

    [Theory]
    [InlineData(0L, 0L, false, 0L)] // nobody knows the time
    [InlineData(0L, TlsClock.Plausible - 1, false, 0L)]
    [InlineData(0L, TlsClock.Plausible + 5, true, TlsClock.Plausible + 5)] // of the build
    [InlineData(TlsClock.Plausible + 9, TlsClock.Plausible + 5, true, TlsClock.Plausible + 9)] // never back
    [InlineData(TlsClock.Plausible + 9, TlsClock.Plausible + 50, true, TlsClock.Plausible + 50)]
    [InlineData(TlsClock.Plausible + 9, 0L, true, TlsClock.Plausible + 9)]
    public void TLS_needs_a_time_and_takes_one_that_has_passed_for_certain(long clock, long floor, bool connects, long after)
    {
        _clock.Unix = clock;
        _options.TimeFloor = floor;
        _transport.Connect("w", [1]);
        Hear(connects ? "connected" : "disconnected -3");
        Assert.Equal(after, _clock.Unix);
        Assert.Equal(connects ? 1 : 0, _links.Made.Count);
        if (!connects)
        {
            Assert.Equal("the time is unknown, and TLS needs it", _transport.LastError);
            _options.TimeFloor = TlsClock.Plausible; // a desired document has come by another way
            Connect();
        }
    }

    [Fact]
    public void A_clock_that_cannot_be_set_is_told_and_without_TLS_nobody_asks_for_the_time()
    {
        _clock.Unix = 0;
        _clock.CanBeSet = false;
        _options.TimeFloor = TlsClock.Plausible;
        _transport.Connect("w", [1]);
        Hear("disconnected -3");
        _options.UsesTls = false;
        Connect();
    }
}
