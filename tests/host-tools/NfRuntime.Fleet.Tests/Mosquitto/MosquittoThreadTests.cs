using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Mosquitto;
using Xunit;

namespace NfRuntime.Fleet.Tests.Mosquitto;

/// <summary>One client on its own thread.</summary>
public sealed class MosquittoThreadTests : IDisposable
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private readonly PlainBroker _broker = new();
    private readonly Inbox _inbox = new();
    private readonly ConcurrentQueue<Exception> _failures = new();

    [Fact]
    public async Task Messages_of_several_writers_arrive_each_in_its_order_within_one_QoS()
    {
        using MosquittoThread reader = Start("reader");
        reader.Subscribe("w/#", 1);
        await _inbox.Granted.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        using MosquittoThread writer = Start("writer");
        const int writers = 4, each = 500;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(
            async () =>
            {
                for (int i = 0; i < each; i++)
                {
                    Assert.Equal(0, await writer.PublishAsync($"w/{w}", BitConverter.GetBytes(i), w % 2, false, Cancellation));
                }
            },
            Cancellation)));
        await _inbox.Until(writers * each);
        foreach (var one in _inbox.Messages.GroupBy(m => m.Topic))
        {
            Assert.Equal(Enumerable.Range(0, each), one.Select(m => BitConverter.ToInt32(m.Payload)));
        }

        Assert.Equal(0, writer.Waiting);
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task What_is_published_while_the_broker_is_away_arrives_when_it_is_back_and_subscriptions_are_renewed()
    {
        using MosquittoThread reader = Start("reader");
        reader.Subscribe("x", 1);
        await _inbox.Granted.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        _broker.Kill();
        using MosquittoThread writer = Start("writer", new MosquittoThreadOptions { QueueLimit = 3, LongestPause = TimeSpan.FromMilliseconds(300) });
        Assert.All(Enumerable.Range(0, 3), i => Assert.True(writer.TryPublish("x", Encoding.ASCII.GetBytes($"{i}"), 1, retain: true)));
        Assert.False(writer.TryPublish("x", "one too many"u8.ToArray(), 1, retain: true));
        Task<int> waits = writer.PublishAsync("x", "3"u8.ToArray(), 1, retain: true, Cancellation);
        Assert.False(waits.IsCompleted);

        _broker.Start();
        Assert.Contains(await waits, new[] { 0, 16 });
        await _inbox.Until(m => m.Payload.AsSpan().SequenceEqual("3"u8)); // live, or retained if the reader came later
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task What_cannot_be_published_fails_alone_and_disposing_gives_up_the_rest()
    {
        MosquittoThread client = Start("client");
        await Assert.ThrowsAsync<MosquittoException>(() => client.PublishAsync("a/#", default, 1, false, Cancellation));
        Assert.Contains(await client.PublishAsync("a/b", default, 1, false, Cancellation), new[] { 0, 16 });
        _broker.Kill();
        Task<int> never = client.PublishAsync("a/b", default, 1, false, Cancellation);
        client.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => never);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.PublishAsync("a/b", default, 1, false, Cancellation));
        _broker.Start();
    }

    [Fact]
    public async Task A_handler_that_throws_is_reported_and_the_next_message_comes()
    {
        using MosquittoThread client = Start("client");
        _inbox.Throw = new InvalidOperationException("mine");
        client.Subscribe("x", 1);
        await _inbox.Granted.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        await client.PublishAsync("x", "1"u8.ToArray(), 1, false, Cancellation);
        await _inbox.Until(1);
        _inbox.Throw = null;
        await client.PublishAsync("x", "2"u8.ToArray(), 1, false, Cancellation);
        await _inbox.Until(2);
        Assert.Equal("mine", Assert.Single(_failures).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_handler_that_throws_at_the_acknowledgement_leaves_the_message_sent_and_its_room_free(int qos)
    {
        using MosquittoThread client = Start("client", new MosquittoThreadOptions { QueueLimit = 2 });
        _inbox.ThrowPublished = new InvalidOperationException("mine");
        for (int i = 0; i < 4; i++)
        {
            Assert.Contains(await client.PublishAsync("x", "1"u8.ToArray(), qos, false, Cancellation).WaitAsync(TimeSpan.FromSeconds(10), Cancellation), new[] { 0, 16 });
        }

        Assert.Equal(0, client.Waiting);
        Assert.Equal(4, _failures.Count(failure => failure.Message == "mine"));
    }

    public void Dispose()
    {
        _broker.Dispose();
        _inbox.Dispose();
    }

    private MosquittoThread Start(string id, MosquittoThreadOptions? options = null)
    {
        var client = new MosquittoThread(new MosquittoOptions { Host = "127.0.0.1", Port = _broker.Port, ClientId = id }, _inbox, _failures.Enqueue, options);
        client.Start();
        return client;
    }

    private sealed class Inbox : IMosquittoHandler, IDisposable
    {
        private readonly SemaphoreSlim _arrived = new(0);
        private readonly TaskCompletionSource _granted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentQueue<(string Topic, byte[] Payload)> Messages { get; } = new();

        public Task Granted => _granted.Task;

        public Exception? Throw { get; set; }

        public Exception? ThrowPublished { get; set; }

        public void Connected(int reasonCode, bool sessionPresent)
        {
        }

        public void Disconnected(int rc)
        {
        }

        public void Message(string topic, ReadOnlySpan<byte> payload, int qos, bool retain)
        {
            Messages.Enqueue((topic, payload.ToArray()));
            _arrived.Release();
            if (Throw is not null)
            {
                throw Throw;
            }
        }

        public void Published(int mid, int reasonCode)
        {
            if (ThrowPublished is not null)
            {
                throw ThrowPublished;
            }
        }

        public void Subscribed(int mid, ReadOnlySpan<int> grants) => _granted.TrySetResult();

        public void Dispose() => _arrived.Dispose();

        public async Task Until(int count)
        {
            while (Messages.Count < count)
            {
                Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(15), Cancellation), $"{Messages.Count} of {count} arrived");
            }
        }

        public async Task Until(Func<(string Topic, byte[] Payload), bool> one)
        {
            while (!Messages.Any(one))
            {
                Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(15), Cancellation), "it did not arrive");
            }
        }
    }
}
