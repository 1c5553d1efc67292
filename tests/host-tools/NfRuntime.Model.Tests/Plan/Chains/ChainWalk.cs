using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Chains;

namespace NfRuntime.Model.Tests.Plan.Chains;

/// <summary>
/// A chain executed in a memory of names, each byte of which knows which row of what it is; from the numbers that a plan
/// holds and SPEC.md §7, not from how the compiler derives them.
/// </summary>
internal sealed class ChainWalk
{
    private readonly Graph _graph;
    private readonly Chain _chain;
    private readonly IReadOnlyList<ChainMember> _members;
    private readonly Dictionary<int, long> _offsets;
    private readonly string[] _memory;
    private readonly long _working;

    /// <param name="graph">The graph.</param>
    /// <param name="chain">The chain.</param>
    /// <param name="offsets">Where the whole tensors lie that the chain reads, and its output.</param>
    /// <param name="working">Where its working memory lies.</param>
    /// <param name="bytes">Of the memory.</param>
    public ChainWalk(Graph graph, Chain chain, Dictionary<int, long> offsets, long working, long bytes)
    {
        _graph = graph;
        _chain = chain;
        _members = chain.Shape.Members;
        _offsets = offsets;
        _working = working;
        _memory = new string[bytes];
    }

    private int Output => _members[^1].Operator.Output;

    /// <summary>What went wrong, or null: a row that a member needs and is not there, or an output that is not whole.</summary>
    public string? Run()
    {
        foreach (int tensor in _offsets.Keys.Where(tensor => tensor != Output))
        {
            Write(_offsets[tensor], tensor, 0, Rows(tensor));
        }

        for (long k = 0; k < _chain.Stripes; k++)
        {
            for (int i = 0; i < _members.Count; i++)
            {
                if (Member(i, k) is { } problem)
                {
                    return $"stripe {k}, member {i}: {problem}";
                }
            }
        }

        return Holds(_offsets[Output], Output, 0, Rows(Output)) ? null : "the output is not whole";
    }

    private int Rows(int tensor) => _graph.Tensors[tensor].Shape[1];

    private int RowBytes(int tensor) => _graph.Tensors[tensor].ByteSize / Rows(tensor);

    private long Start(int i, long k) => Math.Clamp((_chain.Progress[i].Step * k) + _chain.Progress[i].Start, 0, _chain.Done(i, k));

    private string? Member(int i, long k)
    {
        (long from, long to) = (_chain.Done(i, k), _chain.Done(i, k + 1));
        bool streamed = i < _members.Count - 1;
        int output = _members[i].Operator.Output;
        long place = streamed ? _working + _chain.Offsets[i] : _offsets[output];
        if (streamed)
        {
            Move(i, k, place);
            if (to - Start(i, k) > _chain.HeldRows(i))
            {
                return $"{to - Start(i, k)} rows in a buffer for {_chain.HeldRows(i)}";
            }
        }

        foreach (int tensor in _members[i].Operator.Inputs.Where(tensor => tensor >= 0 && from < to))
        {
            if (!CanRead(i, tensor, from, to, k))
            {
                return $"rows of tensor {tensor} for rows [{from}, {to}) are not there";
            }
        }

        Fill(place + ((from - (streamed ? Start(i, k) : 0)) * RowBytes(output)), output, from, to);
        return null;
    }

    // Rows [held(k), done(k)) go to the start of the buffer, where they were behind those held a stripe before.
    private void Move(int i, long k, long place)
    {
        long before = k == 0 ? 0 : Start(i, k - 1);
        int bytes = RowBytes(_members[i].Operator.Output);
        long count = (_chain.Done(i, k) - Start(i, k)) * bytes;
        Array.Copy(_memory, place + ((Start(i, k) - before) * bytes), _memory, place, count);
    }

    private bool CanRead(int i, int tensor, long from, long to, long k)
    {
        ChainMember member = _members[i];
        long first = Math.Max(0, (from * member.Stride) - member.PadTop);
        long last = Math.Min(Rows(tensor), ((to - 1) * member.Stride) + member.Reach - member.PadTop);
        int writer = _chain.Shape.WriterOf(tensor);
        if (writer < 0)
        {
            return Holds(_offsets[tensor] + (first * RowBytes(tensor)), tensor, first, last);
        }

        long held = Start(writer, k);
        return first >= held && Holds(_working + _chain.Offsets[writer] + ((first - held) * RowBytes(tensor)), tensor, first, last);
    }

    private void Write(long offset, int tensor, long from, long to) => Fill(offset, tensor, from, to);

    private void Fill(long offset, int tensor, long from, long to)
    {
        for (long row = from; row < to; row++)
        {
            Array.Fill(_memory, $"{tensor}:{row}", (int)(offset + ((row - from) * RowBytes(tensor))), RowBytes(tensor));
        }
    }

    private bool Holds(long offset, int tensor, long from, long to)
    {
        for (long row = from; row < to; row++)
        {
            for (int b = 0; b < RowBytes(tensor); b++)
            {
                if (_memory[offset + ((row - from) * RowBytes(tensor)) + b] != $"{tensor}:{row}")
                {
                    return false;
                }
            }
        }

        return true;
    }
}
