using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Plan.Memory;

namespace NfRuntime.Model.Tests.Plan;

/// <summary>A window operator on rows of bytes, executed in a memory of names: each byte knows which row of what it is.</summary>
internal sealed record RowWalk(WindowRows Rows, int InputRow, int OutputRow)
{
    public RowOverlap Allowed => Rows.Overlap(Rows.InputRows * InputRow, Rows.OutputRows * OutputRow);

    /// <summary>Whether each window has a row inside the input.</summary>
    public bool ReadsInEachRow => Enumerable.Range(0, Rows.OutputRows).All(row => ReadBy(row).Any());

    /// <summary>Input at the first, output at the second offset: whether rows find what they read.</summary>
    public bool IsSound(long inputOffset, long outputOffset, bool descending)
    {
        var memory = new string[inputOffset + outputOffset + (Rows.InputRows * InputRow) + (Rows.OutputRows * OutputRow)];
        Write(memory, "in", inputOffset, Rows.InputRows, InputRow);
        return Run(memory, "in", inputOffset, "out", outputOffset, descending);
    }

    public static void Write(string[] memory, string name, long offset, int rows, int bytes)
    {
        for (int row = 0; row < rows; row++)
        {
            Array.Fill(memory, $"{name}{row}", (int)(offset + (row * bytes)), bytes);
        }
    }

    public static bool Holds(string[] memory, string name, long offset, int row, int bytes) =>
        memory.Skip((int)(offset + (row * bytes))).Take(bytes).All(tag => tag == $"{name}{row}");

    /// <summary>
    /// Whatever rows a kernel takes together: they are written before the
    /// first of them is read for, as if the last byte of the input were read after the first of the output is written.
    /// </summary>
    public bool Run(string[] memory, string input, long inputOffset, string output, long outputOffset, bool descending)
    {
        int together = Rows.Together;
        int[] order = [.. Enumerable.Range(0, Rows.OutputRows).Select(row => descending ? Rows.OutputRows - 1 - row : row)];
        foreach (int[] tile in Enumerable.Range(0, order.Length).Select(first => order.Skip(first).Take(together).ToArray()))
        {
            foreach (int row in tile)
            {
                Array.Fill(memory, $"{output}{row}", (int)(outputOffset + (row * OutputRow)), OutputRow);
            }

            if (!ReadBy(tile[0]).All(row => Holds(memory, input, inputOffset, row, InputRow)))
            {
                return false;
            }
        }

        return Enumerable.Range(0, Rows.OutputRows).All(row => Holds(memory, output, outputOffset, row, OutputRow));
    }

    private IEnumerable<int> ReadBy(int row)
    {
        int first = (row * Rows.Stride) - Rows.PadTop;
        return Enumerable.Range(first, Rows.Reach).Where(y => y >= 0 && y < Rows.InputRows);
    }
}

/// <summary>Window operators one after the other, as the planner sees them and as they run.</summary>
internal sealed record RowChain(IReadOnlyList<RowWalk> Walks, IReadOnlyList<MemoryRequest> Requests, IReadOnlyList<AllowedOverlap> Overlaps)
{
    /// <param name="rows">Of the first tensor.</param>
    /// <param name="width">Bytes of its row.</param>
    /// <param name="walks">Their input takes the extents of the output before it.</param>
    /// <param name="kept">For each tensor the last operator that reads it, if that is behind its consumer.</param>
    public static RowChain Create(int rows, int width, IReadOnlyList<RowWalk> walks, IReadOnlyList<int> kept)
    {
        var chain = new List<RowWalk>();
        foreach (RowWalk walk in walks)
        {
            chain.Add(walk with { Rows = walk.Rows with { InputRows = rows }, InputRow = width });
            (rows, width) = (walk.Rows.OutputRows, walk.OutputRow);
        }

        int Last(int tensor) => Math.Min(walks.Count - 1, kept[tensor] < walks.Count && kept[tensor] > tensor ? kept[tensor] : tensor);
        MemoryRequest[] requests =
        [
            .. Enumerable.Range(0, walks.Count + 1).Select(tensor => new MemoryRequest([new LiveRange(
                Math.Max(0, tensor - 1), Last(tensor), tensor == 0 ? chain[0].Rows.InputRows * chain[0].InputRow : chain[tensor - 1].Rows.OutputRows * chain[tensor - 1].OutputRow)])),
        ];
        AllowedOverlap[] overlaps =
        [
            .. Enumerable.Range(0, walks.Count).Where(op => requests[op].Last == op).Select(op => new AllowedOverlap(
                op, op + 1, op, requests[op].Ranges[0].Bytes, requests[op + 1].Ranges[0].Bytes, chain[op].Allowed)),
        ];
        return new RowChain(chain, requests, overlaps);
    }

    /// <summary>Runs the chain in the planned memory; what went wrong, or null.</summary>
    public string? Problem(MemoryPlan plan)
    {
        var memory = new string[plan.Peak];
        RowWalk.Write(memory, Name(0), plan.Offsets[0], Walks[0].Rows.InputRows, Walks[0].InputRow);
        for (int op = 0; op < Walks.Count; op++)
        {
            AllowedOverlap? overlap = Overlaps.FirstOrDefault(one => one.Operator == op);
            bool descending = overlap?.IsDescending(plan.Offsets[op], plan.Offsets[op + 1]) ?? false;
            if (!Walks[op].Run(memory, Name(op), plan.Offsets[op], Name(op + 1), plan.Offsets[op + 1], descending))
            {
                return $"operator {op} read or left what it should not";
            }

            int lost = Enumerable.Range(0, op + 1).FirstOrDefault(tensor => Requests[tensor].Last > op && !IsWhole(memory, tensor, plan), -1);
            if (lost >= 0)
            {
                return $"operator {op} destroyed tensor {lost}";
            }
        }

        return null;
    }

    private static string Name(int tensor) => $"{tensor}:";

    private bool IsWhole(string[] memory, int tensor, MemoryPlan plan)
    {
        (int rows, int bytes) = tensor == 0 ? (Walks[0].Rows.InputRows, Walks[0].InputRow) : (Walks[tensor - 1].Rows.OutputRows, Walks[tensor - 1].OutputRow);
        return Enumerable.Range(0, rows).All(row => RowWalk.Holds(memory, Name(tensor), plan.Offsets[tensor], row, bytes));
    }
}
