using NfRuntime.Agent.Protocol;

namespace NfRuntime.Agent.Telemetry;

/// <summary>What happened, until it could be told (PROTOCOL.md §4.4): 32 entries; more push out the oldest, and are counted.</summary>
public sealed class LogRing
{
    public const int Error = 0;
    public const int Warning = 1;
    public const int Info = 2;
    public const int Detail = 3;

    /// <summary>Entries of one document.</summary>
    public const int Capacity = 32;

    private const int MaxSentence = 160;

    private readonly long[] _uptime = new long[Capacity];
    private readonly int[] _level = new int[Capacity];
    private readonly int[] _event = new int[Capacity];
    private readonly string[] _name = new string[Capacity];
    private readonly string[] _sentence = new string[Capacity];
    private int _first;
    private int _lost;
    private uint _sequence;

    /// <summary>Entries that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an entry.</summary>
    /// <param name="uptime">Milliseconds since boot.</param>
    /// <param name="level">One of the constants.</param>
    /// <param name="number">Which kind of event (<see cref="LogEvent"/>).</param>
    /// <param name="name">Of a capsule, or empty.</param>
    /// <param name="sentence">For people; cut when longer than 160 characters.</param>
    public void Add(long uptime, int level, int number, string name, string sentence)
    {
        if (Count == Capacity)
        {
            _first = (_first + 1) % Capacity;
            Count--;
            _lost++;
        }

        int at = (_first + Count) % Capacity;
        _uptime[at] = uptime;
        _level[at] = level;
        _event[at] = number;
        _name[at] = name;
        _sentence[at] = sentence.Length > MaxSentence ? sentence.Substring(0, MaxSentence) : sentence;
        Count++;
    }

    /// <summary>Writes what waits, the oldest first, as one document.</summary>
    public void Write(CborWriter writer, uint bootId)
    {
        writer.Clear();
        writer.Map(_lost == 0 ? 4 : 5);
        writer.Pair(0, 1);
        writer.Pair(1, bootId);
        writer.Pair(2, _sequence);
        writer.Unsigned(3);
        writer.List(Count);
        for (int i = 0; i < Count; i++)
        {
            WriteEntry(writer, (_first + i) % Capacity);
        }

        if (_lost != 0)
        {
            writer.Pair(4, (ulong)_lost);
        }
    }

    /// <summary>What was written has been published.</summary>
    public void Taken()
    {
        for (int i = 0; i < Capacity; i++)
        {
            _sentence[i] = string.Empty;
        }

        Count = 0;
        _lost = 0;
        _sequence++;
    }

    private void WriteEntry(CborWriter writer, int at)
    {
        writer.List(5);
        writer.Unsigned((ulong)_uptime[at]);
        writer.Unsigned((ulong)_level[at]);
        writer.Unsigned((ulong)_event[at]);
        writer.Text(_name[at]);
        writer.Text(_sentence[at]);
    }
}
