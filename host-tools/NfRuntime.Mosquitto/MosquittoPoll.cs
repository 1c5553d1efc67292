using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Mosquitto.Native;

namespace NfRuntime.Mosquitto;

/// <summary>
/// Drives thousands of clients on one thread with epoll (Linux). The cost of a <see cref="Poll"/> follows the clients that have something to do,
/// but for one sweep a second. Everything but <see cref="Wake"/> belongs to that one thread, the clients' own methods too.
/// </summary>
public sealed class MosquittoPoll : IDisposable
{
    private const int MiscIntervalMs = 1000;
    private const int DescriptorsAClient = 3; // the connection and the socket pair that libmosquitto opens for each client
    private const int DescriptorsKept = 64; // for files, databases and pipes of the rest of the process

    private readonly Epoll _epoll = new();
    private readonly List<Watch?> _slots = [];
    private readonly Stack<int> _free = new();
    private long _nextMisc = Environment.TickCount64 + MiscIntervalMs;

    /// <summary>Most packets that are read for one client before others get their turn, 1 or more.</summary>
    public int PacketsAtOnce { get; set; } = 16;

    /// <summary>How many clients there are.</summary>
    public int Count => _slots.Count - _free.Count;

    /// <summary>
    /// How many more clients this process may open under its descriptor limit, three descriptors each. Whoever wants more starts another process.
    /// A client also costs up to 200 KB of kernel memory over time: libmosquitto writes a byte for each packet into a socket pair that only its own loop reads.
    /// </summary>
    /// <param name="beside">Descriptors that a client's owner opens for each besides, such as a file.</param>
    public static int RoomForClients(int beside = 0)
    {
        _ = Libc.getrlimit(Libc.DescriptorLimit, out Libc.Limit limit);
        long open = Directory.EnumerateFileSystemEntries("/proc/self/fd").LongCount();
        long room = (long)Math.Min(limit.Soft, int.MaxValue) - open - DescriptorsKept;
        return (int)Math.Max(0, room / (DescriptorsAClient + beside));
    }

    /// <summary>Takes a client, connected or not.</summary>
    /// <exception cref="InvalidOperationException">Another poll drives it.</exception>
    public void Add(MosquittoClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (client.Watch is not null)
        {
            throw new InvalidOperationException($"{client.Options.ClientId} is driven already.");
        }

        if (!_free.TryPop(out int slot))
        {
            slot = _slots.Count;
            _slots.Add(null);
        }

        var watch = new Watch(this, client, slot);
        _slots[slot] = watch;
        client.Watch = watch;
        watch.Update();
    }

    /// <summary>Lets a client go; its connection stays as it is. Does nothing for one that is not here. Disposing of a client removes it too.</summary>
    public void Remove(MosquittoClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (client.Watch is { } watch && watch.Owner == this)
        {
            watch.Forget();
            client.Watch = null;
            _slots[watch.Slot] = null;
            _free.Push(watch.Slot);
        }
    }

    /// <summary>Waits until a client has something to do, at most <paramref name="timeoutMs"/> ms (or a second), and does it. Handlers are called from here, and so their exceptions come out here; nothing is lost by one.</summary>
    /// <param name="timeoutMs">0 or more.</param>
    /// <returns>How many clients had something to do.</returns>
    public int Poll(int timeoutMs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(timeoutMs);
        long untilMisc = Math.Max(0, _nextMisc - Environment.TickCount64);
        int count = _epoll.Wait((int)Math.Min(timeoutMs, untilMisc));
        int served = 0;
        for (int i = 0; i < count; i++)
        {
            (uint events, ulong tag) = _epoll.At(i);
            if (tag == Epoll.WakeTag)
            {
                _epoll.Awake();
            }
            else if (_slots[(int)(tag >> 32)] is { } watch && watch.Tag == tag)
            {
                watch.Serve(events, PacketsAtOnce);
                served++;
            }
        }

        if (Environment.TickCount64 >= _nextMisc)
        {
            _nextMisc = Environment.TickCount64 + MiscIntervalMs;
            Misc();
        }

        return served;
    }

    /// <summary>Makes <see cref="Poll"/> return soon. Thread-safe.</summary>
    public void Wake() => _epoll.Wake();

    /// <summary>Lets all clients go and closes the epoll instance; the clients are their owners' to dispose of.</summary>
    public void Dispose()
    {
        foreach (Watch? watch in _slots.ToArray())
        {
            if (watch is not null)
            {
                Remove(watch.Client);
            }
        }

        _epoll.Dispose();
    }

    private void Misc()
    {
        for (int i = 0; i < _slots.Count; i++)
        {
            if (_slots[i] is { } watch)
            {
                watch.Client.LoopMisc();
            }
        }
    }

    /// <summary>What epoll knows of one client. The client calls <see cref="Update"/> after whatever can change its socket or what it wants.</summary>
    internal sealed class Watch(MosquittoPoll owner, MosquittoClient client, int slot)
    {
        private int _socket = -1;
        private uint _interest;
        private bool _busy;

        public MosquittoPoll Owner => owner;

        public MosquittoClient Client => client;

        public int Slot => slot;

        /// <summary>Slot and connection: an event of a connection that is gone meanwhile is not taken for one of the next.</summary>
        public ulong Tag { get; private set; } = Epoll.WakeTag - 1;

        public void Serve(uint events, int packets)
        {
            _busy = true;
            try
            {
                if ((events & (Libc.Error | Libc.HangUp)) != 0)
                {
                    client.SocketFailed();
                }
                else if ((events & Libc.In) != 0)
                {
                    client.LoopRead(packets);
                }

                if (client.WantsWrite)
                {
                    client.LoopWrite();
                }
            }
            finally
            {
                _busy = false;
                Update();
            }
        }

        public void Update()
        {
            if (_busy)
            {
                return; // once, when it has been served
            }

            int now = client.Socket;
            ulong tag = ((ulong)(uint)slot << 32) | (uint)client.Connection;
            if (_socket >= 0 && (now != _socket || tag != Tag))
            {
                Forget();
            }

            uint wanted = client.WantsWrite ? Libc.In | Libc.Out : Libc.In;
            if (now >= 0 && (_socket < 0 || wanted != _interest))
            {
                _ = owner._epoll.Set(_socket < 0 ? Libc.ControlAdd : Libc.ControlModify, now, wanted, tag);
                (_socket, _interest, Tag) = (now, wanted, tag);
            }
        }

        // The kernel forgets a closed descriptor by itself, and a new connection may have its number: deleting is harmless until that one is added.
        public void Forget()
        {
            if (_socket >= 0)
            {
                _ = owner._epoll.Set(Libc.ControlDelete, _socket, 0, 0);
                _socket = -1;
            }
        }
    }
}
