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
    private readonly MosquittoThreadOptions _options;
    private readonly MosquittoPoll _poll = new();
    private readonly ConcurrentQueue<Outgoing> _queue = new();
    private readonly ConcurrentDictionary<string, int> _filters = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Wish> _wishes = new();
    private readonly SemaphoreSlim _room;
    private readonly Link _link;
    private readonly Action<Exception> _handlerFailed;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Thread _thread;

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
        _options = options ?? new MosquittoThreadOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.QueueLimit, 1);
        _handlerFailed = handlerFailed;
        _room = new SemaphoreSlim(_options.QueueLimit);
        _link = new Link(this, connection, handler);
        _poll.Add(_link.Client);
        _thread = new Thread(Run) { IsBackground = true, Name = "mqtt " + connection.ClientId };
    }

    /// <summary>Whether the broker has accepted the present connection.</summary>
    public bool IsConnected => _link.Up;

    /// <summary>Messages that wait to be sent or to be acknowledged.</summary>
    public int Waiting => _options.QueueLimit - _room.CurrentCount;

    /// <summary>Begins to connect. Once.</summary>
    public void Start() => _thread.Start();

    /// <summary>Subscribes now and after every reconnection.</summary>
    public void Subscribe(string filter, int qos)
    {
        _filters[filter] = qos;
        _wishes.Enqueue(new Wish(filter, qos, IsOnce: false));
        _poll.Wake();
    }

    /// <summary>
    /// Has the broker send what it retains on a topic once more, by a subscription that ends at once (MQTT 3.1.1, §3.3.1.3). Forgotten when the connection is lost.
    /// For topics that are no filter of <see cref="Subscribe"/>.
    /// </summary>
    public void AskAgain(string topic, int qos)
    {
        _wishes.Enqueue(new Wish(topic, qos, IsOnce: true));
        _poll.Wake();
    }

    /// <summary>Queues a message without waiting; false when the queue is full. The payload is the client's until it was sent.</summary>
    public bool TryPublish(string topic, ReadOnlyMemory<byte> payload, int qos, bool retain)
    {
        if (!_room.Wait(0, CancellationToken.None))
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
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stopping.Token);
        await _room.WaitAsync(either.Token).ConfigureAwait(false);
        var message = new Outgoing(topic, payload, qos, retain);
        Enqueue(message);
        return await message.Done.Task.WaitAsync(either.Token).ConfigureAwait(false);
    }

    /// <summary>Says goodbye when connected, ends the thread (not from within a handler, where it ends after the handler) and gives up what was not sent.</summary>
    public void Dispose()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        _stopping.Cancel();
        _poll.Wake();
        if (_thread.ThreadState.HasFlag(ThreadState.Unstarted))
        {
            Close();
        }
        else if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    private void Enqueue(Outgoing message)
    {
        _queue.Enqueue(message);
        _poll.Wake();
    }

    private void Run()
    {
        long connectAt = 0;
        while (!_stopping.IsCancellationRequested)
        {
            long now = Environment.TickCount64;
            if (!_link.Open && now >= connectAt)
            {
                _link.Connect();
                connectAt = Environment.TickCount64 + _link.Pause();
            }

            Guarded(Send);
            int wait = _link.Open ? 1000 : (int)Math.Clamp(connectAt - now, 0, 1000);
            Guarded(() => _poll.Poll(wait));
            if (_link.TakeLost())
            {
                connectAt = Environment.TickCount64 + _link.Pause();
            }
        }

        Guarded(_link.Client.Disconnect);
        Close();
    }

    private void Close()
    {
        _link.Client.Dispose();
        _poll.Dispose();
        _link.GiveUp();
        while (_queue.TryDequeue(out Outgoing? message))
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
            _handlerFailed(e);
        }
    }

    // One at a time, and none while the last one is not wholly written: the library's own queue has no bound, this one has.
    private void Send()
    {
        while (_link.Up && _wishes.TryDequeue(out Wish wish))
        {
            _link.Client.Subscribe(wish.Filter, wish.Qos);
            if (wish.IsOnce && _link.Up)
            {
                _link.Client.Unsubscribe(wish.Filter);
            }
        }

        while (_link.Up && _link.InFlight < _options.InFlightLimit && !_link.Client.WantsWrite && _queue.TryDequeue(out Outgoing? message))
        {
            _link.Publish(message);
        }
    }

    private readonly record struct Wish(string Filter, int Qos, bool IsOnce);

    private sealed record Outgoing(string Topic, ReadOnlyMemory<byte> Payload, int Qos, bool Retain)
    {
        public TaskCompletionSource<int> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
