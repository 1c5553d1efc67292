using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Lowering;

namespace NfRuntime.Model.Plan.Chains;

/// <summary>
/// Operators that can be a chain, and what does not depend on the height of stripes: how much faster each member goes than
/// the last (scale), how far it is ahead, and from where on its rows are held (firmware/engine/SPEC.md §7, "to derive them").
/// </summary>
internal sealed class ChainShape
{
    private const int MaxStep = short.MaxValue;

    private readonly Graph _graph;
    private readonly long[] _scale;
    private readonly long[] _ahead;
    private readonly long[] _held;

    private ChainShape(Graph graph, IReadOnlyList<ChainMember> members)
    {
        _graph = graph;
        Members = members;
        _scale = new long[members.Count];
        _ahead = new long[members.Count];
        _held = new long[members.Count];
        RowBytes = [.. members.Select(member => (long)BytesOf(member.Operator.Output) / member.Rows)];
        ScratchBytes = members.Max(member => member.Operator.Scratch.Bytes);
    }

    public IReadOnlyList<ChainMember> Members { get; }

    /// <summary>For each member rows that it computes while the last one computes one.</summary>
    public IReadOnlyList<long> Scale => _scale;

    /// <summary>For each member rows that it is ahead of scale × the last one's.</summary>
    public IReadOnlyList<long> Ahead => _ahead;

    /// <summary>For each member the first row that is still held, likewise; not more than <see cref="Ahead"/>.</summary>
    public IReadOnlyList<long> Held => _held;

    /// <summary>Rows of the last member by which progress starts late, so that no member is ahead before the first stripe.</summary>
    public long RunIn { get; private set; }

    /// <summary>For each member the bytes of a row of its output.</summary>
    public IReadOnlyList<long> RowBytes { get; }

    /// <summary>The largest scratch of a member; they share one place.</summary>
    public long ScratchBytes { get; }

    /// <summary>
    /// The operators as a chain; null when they cannot be one: a kind that is no member, an output that is read outside or is
    /// no whole image, ways through the chain of different strides, or too many of them.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="members">In execution order, at least two.</param>
    /// <param name="onlyReadWithin">For a tensor whether nobody but these operators sees it.</param>
    public static ChainShape? Create(Graph graph, IReadOnlyList<ChainMember> members, Func<int, bool> onlyReadWithin)
    {
        bool mayTakeTurns = members.Count is >= 2 and <= PlanFormat.MaxChainMembers
            && members.SkipLast(1).All(member => onlyReadWithin(member.Operator.Output))
            && members.All(member => ReadsInEachWindow(member, graph.Tensors[member.Operator.Inputs[0]].Shape[1]));
        if (!mayTakeTurns)
        {
            return null;
        }

        var shape = new ChainShape(graph, members);
        return shape.Derive() ? shape : null;
    }

    /// <summary>Index of the member that writes <paramref name="tensor"/>; −1 when it is whole or absent.</summary>
    public int WriterOf(int tensor)
    {
        for (int i = 0; tensor >= 0 && i < Members.Count - 1; i++)
        {
            if (Members[i].Operator.Output == tensor)
            {
                return i;
            }
        }

        return -1;
    }

    public bool Reads(int member, int tensor) => Members[member].Operator.Inputs.Contains(tensor);

    public int BytesOf(int tensor) => _graph.Tensors[tensor].ByteSize;

    public int RowsOf(int tensor) => _graph.Tensors[tensor].Shape[1];

    /// <summary>Whether the last member's output may take the place of <paramref name="tensor"/>, as far as that member goes.</summary>
    public bool LastMayReplace(int tensor)
    {
        LoweredOperator last = Members[^1].Operator;
        return Members[^1].IsElementwise && Reads(Members.Count - 1, tensor) && _graph.Tensors[tensor].Type == _graph.Tensors[last.Output].Type
            && Enumerable.Range(0, last.Inputs.Count).All(position => last.Inputs[position] != tensor || last.InPlace.Contains(position));
    }

    private bool Derive()
    {
        (_scale[^1], _ahead[^1], _held[^1]) = (1, 0, 0);
        for (int i = Members.Count - 2; i >= 0; i--)
        {
            if (!Derive(i))
            {
                return false;
            }
        }

        RunIn = Math.Max(0, Enumerable.Range(0, Members.Count).Max(i => CeilingOf(_ahead[i], _scale[i])));
        return true;
    }

    private bool Derive(int i)
    {
        bool isRead = false;
        _ahead[i] = long.MinValue;
        _held[i] = long.MaxValue;
        for (int j = i + 1; j < Members.Count; j++)
        {
            if (!Reads(j, Members[i].Operator.Output))
            {
                continue;
            }

            ChainMember reader = Members[j];
            long scale = _scale[j] * reader.Stride;
            if (scale > MaxStep || (isRead && scale != _scale[i]))
            {
                return false;
            }

            isRead = true;
            _scale[i] = scale;
            _ahead[i] = Math.Max(_ahead[i], (_ahead[j] * reader.Stride) + reader.Reach - reader.Stride - reader.PadTop);
            _held[i] = Math.Min(_held[i], (_ahead[j] * reader.Stride) - reader.PadTop);
        }

        _held[i] = Math.Min(_held[i], _ahead[i]);
        return isRead;
    }

    // A kernel is given no operator of which a row reads nothing but padding.
    private static bool ReadsInEachWindow(ChainMember member, int inputRows) =>
        member.PadTop < member.Reach && member.FirstRow(member.Rows - 1) < inputRows;

    private static long CeilingOf(long value, long divisor) => value >= 0 ? (value + divisor - 1) / divisor : -(-value / divisor);
}
