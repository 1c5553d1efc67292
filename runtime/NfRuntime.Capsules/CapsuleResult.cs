using System;

namespace NfRuntime.Capsules;

/// <summary>What a processor reads from a model's output: up to <see cref="Capacity"/> classes with scores, best first, and a decision.</summary>
/// <remarks>One object is filled again and again, so that an inference allocates nothing.</remarks>
public sealed class CapsuleResult
{
    /// <summary>The most entries that a result holds (the manifest's top_k has the same limit).</summary>
    public const int Capacity = 8;

    /// <summary><see cref="Decision"/> when no class was decided.</summary>
    public const int None = -1;

    private readonly int[] _classes = new int[Capacity];
    private readonly float[] _scores = new float[Capacity];

    /// <summary>The decided class, or <see cref="None"/>.</summary>
    public int Decision { get; set; } = None;

    /// <summary>How many entries there are.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets all entries and the decision.</summary>
    public void Clear()
    {
        Count = 0;
        Decision = None;
    }

    /// <summary>Inserts a class by descending score; equal scores keep the order of insertion. Beyond the capacity the lowest falls out.</summary>
    public void Add(int classIndex, float score)
    {
        int at = Count;
        while (at > 0 && _scores[at - 1] < score)
        {
            at--;
        }

        if (at == Capacity)
        {
            return;
        }

        int last = Count < Capacity ? Count : Capacity - 1;
        for (int i = last; i > at; i--)
        {
            _classes[i] = _classes[i - 1];
            _scores[i] = _scores[i - 1];
        }

        _classes[at] = classIndex;
        _scores[at] = score;
        Count = last + 1;
    }

    /// <summary>The class of entry <paramref name="position"/> (0 = best).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many entries.</exception>
    public int ClassAt(int position)
    {
        Check(position);
        return _classes[position];
    }

    /// <summary>The score of entry <paramref name="position"/> (0 = best).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many entries.</exception>
    public float ScoreAt(int position)
    {
        Check(position);
        return _scores[position];
    }

    private void Check(int position)
    {
        if (position < 0 || position >= Count)
        {
            throw new ArgumentOutOfRangeException(nameof(position));
        }
    }
}
