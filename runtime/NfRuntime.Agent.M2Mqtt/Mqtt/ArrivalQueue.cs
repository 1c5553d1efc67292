namespace NfRuntime.Agent.M2Mqtt;

/// <summary>What has arrived, up to so many messages and bytes; its owner keeps threads apart. Allocates nothing after its construction.</summary>
internal sealed class ArrivalQueue
{
    private readonly string[] _topics;
    private readonly byte[][] _payloads;
    private readonly bool[] _retained;
    private readonly bool[] _mayBeLost;
    private readonly int _capacity;
    private readonly int _maxBytes;
    private int _first;
    private int _bytes;

    internal ArrivalQueue(int messages, int bytes)
    {
        _capacity = messages;
        _maxBytes = bytes;
        _topics = new string[messages];
        _payloads = new byte[messages][];
        _retained = new bool[messages];
        _mayBeLost = new bool[messages];
    }

    internal int Count { get; private set; }

    /// <summary>Messages that found no room, or had to make it.</summary>
    internal int Dropped { get; private set; }

    /// <summary>Messages that are larger than all the room.</summary>
    internal int TooLarge { get; private set; }

    /// <summary>Takes a message in, in place of older ones that may be lost if need be. Without such the oldest document gives way: newer ones replace it.</summary>
    internal void Add(string topic, byte[] payload, bool isRetained, bool mayBeLost)
    {
        if (payload.Length > _maxBytes)
        {
            TooLarge++;
            return;
        }

        while (Count == _capacity || _bytes + payload.Length > _maxBytes)
        {
            int victim = OldestThatMayBeLost();
            Dropped++;
            if (victim < 0 && mayBeLost)
            {
                return;
            }

            Remove(victim < 0 ? 0 : victim);
        }

        int at = At(Count);
        _topics[at] = topic;
        _payloads[at] = payload;
        _retained[at] = isRetained;
        _mayBeLost[at] = mayBeLost;
        _bytes += payload.Length;
        Count++;
    }

    /// <summary>The oldest message. False: there is none.</summary>
    internal bool Take(out string topic, out byte[] payload, out bool isRetained)
    {
        topic = _topics[_first];
        payload = _payloads[_first];
        isRetained = _retained[_first];
        if (Count == 0)
        {
            return false;
        }

        Remove(0);
        return true;
    }

    internal void Clear()
    {
        while (Count > 0)
        {
            Remove(0);
        }
    }

    private int OldestThatMayBeLost()
    {
        for (int i = 0; i < Count; i++)
        {
            if (_mayBeLost[At(i)])
            {
                return i;
            }
        }

        return -1;
    }

    // What is older moves up by one: the queue is short.
    private void Remove(int index)
    {
        _bytes -= _payloads[At(index)].Length;
        for (int i = index; i > 0; i--)
        {
            _topics[At(i)] = _topics[At(i - 1)];
            _payloads[At(i)] = _payloads[At(i - 1)];
            _retained[At(i)] = _retained[At(i - 1)];
            _mayBeLost[At(i)] = _mayBeLost[At(i - 1)];
        }

        _topics[_first] = null!;
        _payloads[_first] = null!;
        _first = (_first + 1) % _capacity;
        Count--;
    }

    private int At(int index)
    {
        return (_first + index) % _capacity;
    }
}
