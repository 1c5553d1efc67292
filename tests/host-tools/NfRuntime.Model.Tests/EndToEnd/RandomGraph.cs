using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Tests.Plan;

namespace NfRuntime.Model.Tests.EndToEnd;

/// <summary>
/// A small valid graph from a seed: one to three inputs, up to twelve operators of the 17 kinds that read any tensor made
/// before, and several outputs, among them tensors that are read again, inputs, constants, state and one tensor twice.
/// </summary>
internal sealed class RandomGraph
{
    private const int MaxElements = 600;
    private readonly GraphBuilder _builder = new();
    private readonly List<int> _pool = [];
    private readonly HashSet<int> _read = [];
    private readonly Random _random;

    private RandomGraph(int seed) => _random = new Random(seed);

    public static Graph Create(int seed)
    {
        var graph = new RandomGraph(seed);
        return graph.Build();
    }

    private Graph Build()
    {
        int inputs = 1 + _random.Next(3);
        for (int i = 0; i < inputs; i++)
        {
            _pool.Add(Input());
        }

        var operators = new RandomOperators(_builder, _random, _pool);
        int count = 1 + _random.Next(12);
        for (int tries = 0; tries < 40 * count && _pool.Count < inputs + count; tries++)
        {
            int input = Pick();
            if (operators.TryAdd(input) is { } output)
            {
                _read.Add(input);
                _pool.Add(output);
                OfferState(output);
            }
        }

        return _builder.Build(Outputs());
    }

    private int Input()
    {
        ElementType type = _random.Next(10) switch
        {
            < 6 => ElementType.Int8,
            < 9 => ElementType.Int16,
            _ => ElementType.Float32,
        };
        Quantization quantization = RandomOperators.Quantization(_random, type);
        return _builder.Input(Shape(), quantization.Scale, quantization.ZeroPoint, type);
    }

    private int[] Shape() => _random.Next(8) switch
    {
        0 => [Extent(20)],
        1 => [Extent(3), Extent(12)],
        2 => [Extent(2), Extent(5), Extent(6)],
        3 => [Extent(2), Extent(3), Extent(4), Extent(3), Extent(3)],
        _ => [Extent(2), Extent(7), Extent(7), Extent(4)],
    };

    private int Extent(int most) => 1 + _random.Next(most);

    // State may be read by other operators too, before and after the one that changes it.
    private void OfferState(int output)
    {
        if (_builder.LastState is { } state && !_pool.Contains(state) && _random.Next(2) == 0)
        {
            _pool.Insert(_random.Next(_pool.IndexOf(output)), state);
        }
    }

    // Mostly one of the last, so that chains are long; sometimes any, so that tensors are read again.
    private int Pick()
    {
        int back = _random.Next(3) == 0 ? _random.Next(_pool.Count) : Math.Min(_pool.Count - 1, _random.Next(3));
        return _pool[_pool.Count - 1 - back];
    }

    private int[] Outputs()
    {
        List<int> outputs = [.. _pool.Where(tensor => !_read.Contains(tensor)).TakeLast(4)];
        if (outputs.Count == 0 || _random.Next(3) == 0)
        {
            outputs.Add(_pool[_random.Next(_pool.Count)]);
        }

        if (outputs.Count > 1 && _random.Next(3) == 0)
        {
            outputs.RemoveAt(_random.Next(outputs.Count));
        }

        return _random.Next(10) == 0 ? [.. outputs] : [.. outputs.Distinct()];
    }

    /// <summary>Whether a tensor of this shape is small enough for a test of thousands.</summary>
    public static bool IsSmall(IEnumerable<int> shape) => shape.Aggregate(1L, (product, extent) => product * extent) <= MaxElements;
}
