using System;
using NfRuntime.Agent.Protocol;

namespace NfRuntime.Agent.Telemetry;

/// <summary>
/// What a capsule did in a minute (PROTOCOL.md §4.5), in memory of a fixed size: durations go to a histogram with four buckets an
/// octave, so that the 95th percentile is known within 19 %.
/// </summary>
public sealed class CapsuleFigures
{
    /// <summary>Decisions by class; those of higher classes count in the last.</summary>
    public const int MaxClasses = 64;

    private const int Buckets = 104; // up to 2^26 µs, a minute
    private const int PerOctave = 4;

    private readonly int[] _durations = new int[Buckets];
    private readonly int[] _decisions = new int[MaxClasses];
    private long _sum;

    public int Inferences { get; private set; }

    public int Errors { get; private set; }

    /// <summary>Longest inference, µs.</summary>
    public int Longest { get; private set; }

    public int Strikes { get; set; }

    /// <summary>Longest time in which a swap let no inference start, µs; 0: there was none.</summary>
    public int Blackout { get; set; }

    public int Disagreements { get; set; }

    public int Compared { get; set; }

    /// <summary>Whether there is anything to tell.</summary>
    public bool IsEmpty
    {
        get { return Inferences == 0 && Errors == 0 && Strikes == 0 && Blackout == 0 && Compared == 0; }
    }

    /// <summary>Counts an inference; decision: −1 for none.</summary>
    public void Add(int microseconds, int decision)
    {
        Inferences++;
        _sum += microseconds;
        Longest = microseconds > Longest ? microseconds : Longest;
        _durations[Bucket(microseconds)]++;
        if (decision >= 0)
        {
            _decisions[decision < MaxClasses ? decision : MaxClasses - 1]++;
        }
    }

    public void AddError()
    {
        Errors++;
    }

    /// <summary>Starts a minute.</summary>
    public void Clear()
    {
        Array.Clear(_durations, 0, Buckets);
        Array.Clear(_decisions, 0, MaxClasses);
        _sum = 0;
        Inferences = 0;
        Errors = 0;
        Longest = 0;
        Strikes = 0;
        Blackout = 0;
        Disagreements = 0;
        Compared = 0;
    }

    /// <summary>Writes the entry of the statistics document.</summary>
    public void Write(CborWriter writer, string name, int place)
    {
        writer.List(12);
        writer.Text(name);
        writer.Unsigned((ulong)place);
        writer.Unsigned((ulong)Inferences);
        writer.Unsigned((ulong)Errors);
        writer.Unsigned((ulong)(Inferences == 0 ? 0 : _sum / Inferences));
        writer.Unsigned((ulong)Percentile95());
        writer.Unsigned((ulong)Longest);
        writer.Unsigned((ulong)Strikes);
        int classes = Classes();
        writer.List(classes);
        for (int i = 0; i < classes; i++)
        {
            writer.Unsigned((ulong)_decisions[i]);
        }

        writer.Unsigned((ulong)Blackout);
        writer.Unsigned((ulong)Disagreements);
        writer.Unsigned((ulong)Compared);
    }

    /// <summary>µs that 95 % of the inferences did not exceed, rounded up to its bucket's end, at most the longest.</summary>
    public int Percentile95()
    {
        int rest = Inferences - (int)(Inferences * 95L / 100);
        int bucket = Buckets - 1;
        int above = _durations[bucket];
        while (bucket > 0 && above < rest)
        {
            above += _durations[--bucket];
        }

        int end = End(bucket);
        return Inferences == 0 ? 0 : end < Longest ? end : Longest;
    }

    // An octave begins at each power of two; a quarter of it is a bucket.
    private static int Bucket(int microseconds)
    {
        int octave = 0;
        while (octave < 30 && microseconds >> (octave + 1) != 0)
        {
            octave++;
        }

        int quarter = octave < 2 ? 0 : (microseconds >> (octave - 2)) & (PerOctave - 1);
        int bucket = (octave * PerOctave) + quarter;
        return bucket < Buckets ? bucket : Buckets - 1;
    }

    private static int End(int bucket)
    {
        int octave = bucket / PerOctave;
        return octave < 2 ? (2 << octave) - 1 : ((bucket % PerOctave) + PerOctave + 1 << (octave - 2)) - 1;
    }

    private int Classes()
    {
        int classes = MaxClasses;
        while (classes > 0 && _decisions[classes - 1] == 0)
        {
            classes--;
        }

        return classes;
    }
}
