using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Models;
using NfRuntime.Cli.Projects;
using NfRuntime.Images.Capsule;
using NfRuntime.Model.Ir;

namespace NfRuntime.Cli.Building;

/// <summary>Makes a model's input tensors from the bytes of a sample file, as a device would.</summary>
/// <param name="graph">The model.</param>
/// <param name="pre">Its declared pre-processing, folded.</param>
internal sealed class TensorMaker(Graph graph, IReadOnlyList<PreProcessing> pre)
{
    /// <summary>One tensor an input, in the model's order. A file holds the samples of all inputs, one after the other.</summary>
    /// <exception cref="ToolException">The file has another size than the inputs take.</exception>
    public IReadOnlyList<ReadOnlyMemory<byte>> Make(string file, VectorFormat format)
    {
        NamedFile.RequireContent(file);
        ReadOnlyMemory<byte> bytes = File.ReadAllBytes(file);
        Tensor[] inputs = [.. graph.Inputs.Select(index => graph.Tensors[index])];
        int expected = inputs.Select((tensor, input) => SampleBytes(tensor, input, format)).Sum();
        if (bytes.Length != expected)
        {
            throw new ToolException(
                ErrorCodes.ProjectVectors,
                $"{Path.GetFileName(file)} has {bytes.Length:N0} bytes, but {graph.Name} takes {expected:N0} bytes of {Describe(format)}.",
                "Check vectors.inputs and vectors.format.");
        }

        var tensors = new List<ReadOnlyMemory<byte>>(inputs.Length);
        for (int input = 0; input < inputs.Length; input++)
        {
            int size = SampleBytes(inputs[input], input, format);
            tensors.Add(Convert(bytes[..size].Span, inputs[input], input, format));
            bytes = bytes[size..];
        }

        return tensors;
    }

    private static string Describe(VectorFormat format) => format switch
    {
        VectorFormat.Samples => "samples",
        VectorFormat.UInt8 => "unsigned bytes",
        _ => "input tensors",
    };

    private PreProcessing? PreOf(int input, VectorFormat format) =>
        format == VectorFormat.Samples ? pre.FirstOrDefault(one => one.Input == input) : null;

    private int SampleBytes(Tensor tensor, int input, VectorFormat format) =>
        PreOf(input, format) is { } declared ? tensor.ElementCount * SourceBytes(declared.Source) : tensor.ByteSize;

    private byte[] Convert(ReadOnlySpan<byte> samples, Tensor tensor, int input, VectorFormat format)
    {
        if (PreOf(input, format) is { } declared)
        {
            return Apply(samples, tensor, declared);
        }

        byte[] result = samples.ToArray();
        if (format == VectorFormat.UInt8)
        {
            if (tensor.Type != ElementType.Int8)
            {
                throw new ToolException(ErrorCodes.ProjectVectors, $"vectors.format uint8 is for int8 inputs, and input {input} of {graph.Name} is {tensor.Type}.", "Use tensor.");
            }

            foreach (ref byte value in result.AsSpan())
            {
                value ^= 0x80;
            }
        }

        return result;
    }

    private static byte[] Apply(ReadOnlySpan<byte> samples, Tensor tensor, PreProcessing declared)
    {
        int size = tensor.Type.Size();
        var result = new byte[tensor.ByteSize];
        for (int i = 0; i < tensor.ElementCount; i++)
        {
            int q = Quantize(samples, i, tensor, declared);
            if (size == 1)
            {
                result[i] = unchecked((byte)(sbyte)q);
            }
            else
            {
                BinaryPrimitives.WriteInt16LittleEndian(result.AsSpan(i * size), (short)q);
            }
        }

        return result;
    }

    private static int Quantize(ReadOnlySpan<byte> samples, int index, Tensor tensor, PreProcessing declared)
    {
        (int min, int max) = tensor.Type == ElementType.Int8 ? (sbyte.MinValue, (int)sbyte.MaxValue) : (short.MinValue, short.MaxValue);
        ReadOnlySpan<byte> sample = samples[(index * SourceBytes(declared.Source))..];
        return declared.Channels[index % declared.Channels.Count] switch
        {
            FloatAffine affine => affine.Apply(BinaryPrimitives.ReadSingleLittleEndian(sample), tensor.Quantization!.ZeroPoint, min, max),
            IntegerAffine affine => (int)Math.Clamp(affine.Apply(Sample(sample, declared.Source)), min, max),
            _ => throw new InvalidOperationException("an affine of an unknown kind"),
        };
    }

    private static int Sample(ReadOnlySpan<byte> sample, SampleSource source) => source switch
    {
        SampleSource.UInt8 => sample[0],
        SampleSource.Int8 => unchecked((sbyte)sample[0]),
        _ => BinaryPrimitives.ReadInt16LittleEndian(sample),
    };

    private static int SourceBytes(SampleSource source) => source switch
    {
        SampleSource.Float32 => 4,
        SampleSource.Int16 => 2,
        _ => 1,
    };
}
