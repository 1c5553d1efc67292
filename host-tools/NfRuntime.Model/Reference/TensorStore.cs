using System;
using System.Runtime.InteropServices;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>
/// The bytes of every tensor of a graph, little-endian, each in an array of its own. Kernels widen to int, compute, and narrow when they store.
/// </summary>
internal sealed class TensorStore
{
    private readonly byte[][] _bytes;

    /// <summary>Allocates all tensors: constants are copied, variables reset, the rest zero.</summary>
    public TensorStore(Graph graph)
    {
        Graph = graph;
        _bytes = new byte[graph.Tensors.Count][];
        for (int i = 0; i < _bytes.Length; i++)
        {
            Tensor tensor = graph.Tensors[i];
            _bytes[i] = tensor.Data is ReadOnlyMemory<byte> data ? data.ToArray() : new byte[tensor.ByteSize];
        }

        ResetVariables();
    }

    /// <summary>The graph whose tensors these are.</summary>
    public Graph Graph { get; }

    /// <summary>The bytes of a tensor.</summary>
    public byte[] Bytes(int tensor) => _bytes[tensor];

    /// <summary>A tensor as a span of its element type.</summary>
    public Span<T> Span<T>(int tensor)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(_bytes[tensor].AsSpan());

    /// <summary>The elements of an integer tensor widened to int, each less <paramref name="offset"/>.</summary>
    public void Load(int tensor, Span<int> values, int offset = 0)
    {
        switch (Graph.Tensors[tensor].Type)
        {
            case ElementType.Int8:
                Widen(Span<sbyte>(tensor), values, offset);
                break;
            case ElementType.Int16:
                Widen(Span<short>(tensor), values, offset);
                break;
            case ElementType.Int32:
                Widen(Span<int>(tensor), values, offset);
                break;
            default:
                throw new NotSupportedException($"{Graph.Tensors[tensor].Type} does not widen to int32.");
        }
    }

    /// <summary>A new array with the elements of an integer tensor, each less <paramref name="offset"/>.</summary>
    public int[] LoadArray(int tensor, int offset = 0)
    {
        int[] values = new int[Graph.Tensors[tensor].ElementCount];
        Load(tensor, values, offset);
        return values;
    }

    /// <summary>Writes an integer tensor, truncating each value to the element type.</summary>
    public void Store(int tensor, ReadOnlySpan<int> values)
    {
        switch (Graph.Tensors[tensor].Type)
        {
            case ElementType.Int8:
                Span<sbyte> bytes = Span<sbyte>(tensor);
                for (int i = 0; i < values.Length; i++)
                {
                    bytes[i] = (sbyte)values[i];
                }

                break;
            case ElementType.Int16:
                Span<short> shorts = Span<short>(tensor);
                for (int i = 0; i < values.Length; i++)
                {
                    shorts[i] = (short)values[i];
                }

                break;
            case ElementType.Int32:
                values.CopyTo(Span<int>(tensor));
                break;
            default:
                throw new NotSupportedException($"int32 does not narrow to {Graph.Tensors[tensor].Type}.");
        }
    }

    /// <summary>Sets every variable tensor to its zero point (0 when not quantized).</summary>
    public void ResetVariables()
    {
        for (int i = 0; i < _bytes.Length; i++)
        {
            Tensor tensor = Graph.Tensors[i];
            if (!tensor.IsVariable)
            {
                continue;
            }

            _bytes[i].AsSpan().Clear();
            if (tensor.Quantization is { ZeroPoint: not 0 } quantization)
            {
                int[] values = new int[tensor.ElementCount];
                Array.Fill(values, quantization.ZeroPoint);
                Store(i, values);
            }
        }
    }

    private static void Widen(ReadOnlySpan<sbyte> from, Span<int> to, int offset)
    {
        for (int i = 0; i < from.Length; i++)
        {
            to[i] = from[i] - offset;
        }
    }

    private static void Widen(ReadOnlySpan<short> from, Span<int> to, int offset)
    {
        for (int i = 0; i < from.Length; i++)
        {
            to[i] = from[i] - offset;
        }
    }

    private static void Widen(ReadOnlySpan<int> from, Span<int> to, int offset)
    {
        for (int i = 0; i < from.Length; i++)
        {
            to[i] = from[i] - offset;
        }
    }
}
