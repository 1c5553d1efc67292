using System;
using System.Buffers.Binary;
using System.Linq;
using System.Runtime.InteropServices;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;

namespace NfRuntime.Bench.Transport;

/// <summary>
/// A .tflite whose last layer with weights was trained again, as transfer learning does: all of its weights and biases are others, drawn around
/// the old ones; everything before it is as it was.
/// </summary>
internal static class RetrainedModel
{
    private const int Seed = 20;

    /// <summary>The changed file, and how many bytes of constants the layer has.</summary>
    /// <exception cref="ToolException">The model's last weighted operator is no int8 FULLY_CONNECTED or CONV_2D.</exception>
    public static (byte[] File, int LayerBytes) Of(byte[] file, string name)
    {
        Graph graph = TfliteImporter.Import(file, name);
        Node layer = graph.Nodes.LastOrDefault(n => n.Kind is OperatorKind.FullyConnected or OperatorKind.Conv2D)
            ?? throw new ToolException($"{name} has no layer that could be trained again");
        byte[] changed = [.. file];
        var random = new Random(Seed);
        int bytes = Change(graph.Tensors[layer.Inputs[1]], changed, file, w => (sbyte)Math.Clamp((sbyte)w + random.Next(1, 24) * (random.Next(2) == 0 ? 1 : -1), -127, 127));
        if (layer.InputOrNone(2) >= 0)
        {
            bytes += ChangeBiases(graph.Tensors[layer.Inputs[2]], changed, file, random);
        }

        return (changed, bytes);
    }

    private static int Change(Tensor weights, byte[] changed, byte[] file, Func<byte, sbyte> next)
    {
        if (weights.Type != ElementType.Int8)
        {
            throw new ToolException("the last layer's weights are not int8");
        }

        (int at, int count) = Place(weights, file);
        for (int i = at; i < at + count; i++)
        {
            changed[i] = (byte)next(file[i]);
        }

        return count;
    }

    private static int ChangeBiases(Tensor biases, byte[] changed, byte[] file, Random random)
    {
        (int at, int count) = Place(biases, file);
        for (int i = at; i + 4 <= at + count; i += 4)
        {
            int bias = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(i));
            BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(i), bias + random.Next(-2000, 2000));
        }

        return count;
    }

    // Constants of an imported graph are slices of the file.
    private static (int At, int Count) Place(Tensor constant, byte[] file) =>
        constant.Data is { } data && MemoryMarshal.TryGetArray(data, out ArraySegment<byte> slice) && ReferenceEquals(slice.Array, file)
            ? (slice.Offset, slice.Count)
            : throw new ToolException("the last layer's weights are no constants of the file");
}
