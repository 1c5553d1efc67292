using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Model.Plan.Chains;

/// <summary>Progress of a member in rows of its output (struct nfr_plan_member).</summary>
/// <param name="Step">Rows a stripe.</param>
/// <param name="End">Before stripe k rows up to step × k + end are computed.</param>
/// <param name="Start">And rows from step × k + start on are held.</param>
internal readonly record struct MemberProgress(long Step, long End, long Start);

/// <summary>
/// Neighbouring operators that take turns row by row, so that what only they see is never there as a whole: progress and
/// memory at a given height of stripes (firmware/engine/SPEC.md §7).
/// </summary>
internal sealed class Chain
{
    private readonly ChainShape _shape;

    /// <param name="shape">The members and what follows from them alone.</param>
    /// <param name="height">Rows of the last member's output that a stripe computes; 1 to its rows.</param>
    public Chain(ChainShape shape, int height)
    {
        _shape = shape;
        Height = height;
        Progress = [.. Enumerable.Range(0, shape.Members.Count).Select(i => new MemberProgress(
            height * shape.Scale[i], shape.Ahead[i] - (shape.RunIn * shape.Scale[i]), shape.Held[i] - (shape.RunIn * shape.Scale[i])))];
        long end = Progress[^1].End;
        Stripes = (shape.Members[^1].Rows - end + height - 1) / height;
        long offset = 0;
        var offsets = new long[shape.Members.Count];
        for (int i = 0; i < shape.Members.Count - 1; i++)
        {
            offsets[i] = offset;
            offset += PlanFormat.AlignUp(HeldRows(i) * shape.RowBytes[i]);
        }

        Offsets = offsets;
        ScratchOffset = offset;
        WorkingBytes = offset + PlanFormat.AlignUp(shape.ScratchBytes);
    }

    /// <summary>Rows of the last output that a stripe computes.</summary>
    public int Height { get; }

    /// <summary>The operators.</summary>
    public ChainShape Shape => _shape;

    /// <summary>One a member.</summary>
    public IReadOnlyList<MemberProgress> Progress { get; }

    /// <summary>Runs of all members in turn.</summary>
    public long Stripes { get; }

    /// <summary>For each member but the last the offset of its rows in the working memory; then comes the scratch.</summary>
    public IReadOnlyList<long> Offsets { get; }

    /// <summary>Offset of the members' scratch in the working memory.</summary>
    public long ScratchOffset { get; }

    /// <summary>Streamed rows and scratch, a multiple of 16; more than 0.</summary>
    public long WorkingBytes { get; }

    /// <summary>Rows of member <paramref name="i"/>'s output that its buffer holds; the last member has none.</summary>
    public long HeldRows(int i) => Math.Min(_shape.Members[i].Rows, Progress[i].Step + Progress[i].End - Progress[i].Start);

    /// <summary>Rows of member <paramref name="i"/> that are computed before stripe <paramref name="k"/>.</summary>
    public long Done(int i, long k) => Math.Clamp((Progress[i].Step * k) + Progress[i].End, 0, _shape.Members[i].Rows);

    /// <summary>
    /// The output must begin at least so many bytes before a whole input that dies here, so that it overwrites no row that is
    /// still to be read; null when they may not overlap. Negative where it may begin behind.
    /// </summary>
    /// <param name="tensor">The input's tensor of the graph.</param>
    public long? Ascending(int tensor)
    {
        long distance = long.MinValue;
        for (int j = 0; j < _shape.Members.Count; j++)
        {
            if (_shape.Reads(j, tensor))
            {
                if (j == _shape.Members.Count - 1)
                {
                    return null;
                }

                distance = Math.Max(distance, Ascending(j, tensor));
            }
        }

        return distance;
    }

    /// <summary>Whether the output may lie exactly at the place of a whole input that dies here.</summary>
    public bool MayRunInPlace(int tensor) => _shape.LastMayReplace(tensor)
        && Enumerable.Range(0, _shape.Members.Count - 1).All(j => !_shape.Reads(j, tensor) || Ascending(j, tensor) <= 0);

    // What member j still reads of the tensor after each stripe, against what the last member has written by then.
    private long Ascending(int j, int tensor)
    {
        ChainMember reader = _shape.Members[j];
        long rows = _shape.RowsOf(tensor);
        long rowBytes = _shape.BytesOf(tensor) / rows;
        int last = _shape.Members.Count - 1;
        long distance = -_shape.BytesOf(tensor);
        for (long k = 0; k < Stripes; k++)
        {
            long written = Done(last, k + 1);
            long done = Done(j, k + 1);
            if (written > 0 && done < reader.Rows)
            {
                distance = Math.Max(distance, (written * _shape.RowBytes[last]) - (Math.Clamp(reader.FirstRow(done), 0, rows) * rowBytes));
            }
        }

        return distance;
    }
}
