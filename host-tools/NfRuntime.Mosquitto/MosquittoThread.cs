using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;

namespace NfRuntime.Mosquitto;

/// <summary>
/// One client on a thread of its own: connects, and again after every loss with doubled, jittered pauses; subscribes anew each time; sends from a bounded
/// queue. Publishing is thread-safe; the handler is called on the client's thread, one call at a time.
/// </summary>
public sealed partial class MosquittoThread : IDisposable
{
    private readonly MosquittoThreadOptions options;
    private readonly MosquittoPoll poll = new();
    private readonly ConcurrentQueue<Outgoing> queue = new();
    private readonly ConcurrentDictionary<string, int> filters = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string Filter, int Qos)> wishes = new();
    private readonly SemaphoreSlim room;
    private readonly Link link;
    private readonly Action<Exception> handlerFailed;
    private readonly CancellationTokenSource stopping = new();
    private readonly Thread thread;

    /// <summary>Makes the client; <see cref="Start"/> begins to connect.</summary>
    /// <param name="connection">Where to, and as whom.</param>
    /// <param name="handler">Called on the client's thread.</param>
    /// <param name="handlerFailed">Gets what the handler threw, on the client's thread; the client goes on.</param>
    /// <param name="options">Queue and pauses.</param>
    /// <exception cref="MosquittoException">An option of the connection was refused.</exception>
    public MosquittoThread(MosquittoOptions connection, IMosquittoHandler handler, Action<Exception> handlerFailed, MosquittoThreadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(handlerFailed);
        this.options = options ?? new MosquittoThreadOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(this.options.QueueLimit, 1);
        this.handlerFailed = handlerFailed;
        room = new SemaphoreSlim(this.options.QueueLimit);
        link = new Link(this, connection, handler);
        poll.Add(link.Client);
        thread = new Thread(Run) { IsBackground = true, Name = "mqtt " + connection.ClientId };
    }

    /// <summary>Whether the broker has accepted the present connection.</summary>
    public bool IsConnected => link.Up;

    /// <summary>Messages that wait to be sent or to be acknowledged.</summary>
    public int Waiting => options.QueueLimit - room.CurrentCount;

    /// <summary>Begins to connect. Once.</summary>
    public void Start() => thread.Start();

    /// <summary>Subscribes now and after every reconnection.</summary>
    public void Subscribe(string filter, int qos)
    {
        filters[filter] = qos;
        wishes.Enqueue((filter, qos));
        poll.Wake();
    }

    /// <summary>Queues a message without waiting; false when the queue is full. The payload is the client's until it was sent.</summary>
    public bool TryPublish(string topic, ReadOnlyMemory<byte> payload, int qos, bool retain)
    {
        if (!room.Wait(0, CancellationToken.None))
        {
            return false;
        }

        Enqueue(new Outgoing(topic, payload, qos, retain));
        return true;
    }

    /// <summary>
    /// Queues a message, waiting for room, and ends when it was written (QoS 0) or acknowledged (1, 2); while there is no connection it waits.
    /// The payload is the client's meanwhile.
    /// </summary>
    /// <returns>The broker's reason code: 0 or 16 (no subscriber) is success; see <see cref="IMosquittoHandler.Published"/>.</returns>
    /// <exception cref="MosquittoException">The topic or the payload is not publishable.</exception>
    /// <exception cref="OperationCanceledException">Cancelled (a message that was queued already may still be sent), or the client was disposed of.</exception>
    public async Task<int> PublishAsync(string topic, ReadOnlyMemory<byte> payload, int qos, bool retain, CancellationToken cancellation = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stopping.Token);
        await room.WaitAsync(either.Token).ConfigureAwait(false);
        var message = new Outgoing(topic, payload, qos, retain);
        Enqueue(message);
        return await message.Done.Task.WaitAsync(either.Token).ConfigureAwait(false);
    }

    /// <summary>Says goodbye when connected, ends the thread (not from within a handler, where it ends after the handler) and gives up what was not sent.</summary>
    public void Dispose()
    {
        if (stopping.IsCancellationRequested)
        {
            return;
        }

        stopping.Cancel();
        poll.Wake();
        if (thread.ThreadState.HasFlag(ThreadState.Unstarted))
        {
            Close();
        }
        else if (Thread.CurrentThread != thread)
        {
            thread.Join();
        }
    }

    private void Enqueue(Outgoing message)
    {
        queue.Enqueue(message);
        poll.Wake();
    }

    private void Run()
    {
        long connectAt = 0;
        while (!stopping.IsCancellationRequested)
        {
            long now = Environment.TickCount64;
            if (!link.Open && now >= connectAt)
            {
                link.Connect();
                connectAt = Environment.TickCount64 + link.Pause();
            }

            Guarded(Send);
            int wait = link.Open ? 1000 : (int)Math.Clamp(connectAt - now, 0, 1000);
            Guarded(() => poll.Poll(wait));
            if (link.TakeLost())
            {
                connectAt = Environment.TickCount64 + link.Pause();
            }
        }

        Guarded(link.Client.Disconnect);
        Close();
    }

    private void Close()
    {
        link.Client.Dispose();
        poll.Dispose();
        link.GiveUp();
        while (queue.TryDequeue(out Outgoing? message))
        {
            message.Done.TrySetCanceled();
        }
    }

    private void Guarded(Action work)
    {
        try
        {
            work();
        }
#pragma warning disable CA1031 // one failing handler must not end the connection of the rest; the owner is told
        catch (Exception e)
#pragma warning restore CA1031
        {
            handlerFailed(e);
        }
    }

    // One at a time, and none while the last one is not wholly written: the library's own queue has no bound, this one has.
    private void Send()
    {
        while (link.Up && wishes.TryDequeue(out (string Filter, int Qos) wish))
        {
            link.Client.Subscribe(wish.Filter, wish.Qos);
        }

        while (link.Up && link.InFlight < options.InFlightLimit && !link.Client.WantsWrite && queue.TryDequeue(out Outgoing? message))
        {
            link.Publish(message);
        }
    }

    private sealed record Outgoing(string Topic, ReadOnlyMemory<byte> Payload, int Qos, bool Retain)
    {
        public TaskCompletionSource<int> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
