using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Models;

/// <summary>A plan to run, with what is known of its inputs and outputs: from a compiled model, or from an image.</summary>
/// <param name="Name">As shown.</param>
/// <param name="Target">What it was compiled for.</param>
/// <param name="Blob">The plan.</param>
/// <param name="Inputs">In the model's order.</param>
/// <param name="Outputs">In the model's order.</param>
internal sealed record PlanSource(string Name, string Target, ReadOnlyMemory<byte> Blob, IReadOnlyList<PlanTensorInfo> Inputs, IReadOnlyList<PlanTensorInfo> Outputs)
{
    /// <summary>Bytes of all inputs of one inference.</summary>
    public int InputBytes => Inputs.Sum(input => input.Bytes);

    /// <summary>Reads the inputs and outputs from the plan.</summary>
    /// <exception cref="PlanFormatException">The bytes are no plan.</exception>
    public static PlanSource Read(string name, string target, ReadOnlyMemory<byte> blob)
    {
        PlanImage image = PlanReader.Read(blob.Span);
        return new PlanSource(name, target, blob, [.. image.Inputs.Select(io => Describe(image, io))], [.. image.Outputs.Select(io => Describe(image, io))]);
    }

    private static PlanTensorInfo Describe(PlanImage image, PlanIo io)
    {
        PlanTensor tensor = image.Tensors[io.Tensor];
        return new PlanTensorInfo(tensor.Type, io.Shape, io.Scale, io.ZeroPoint, (int)tensor.Bytes);
    }
}

/// <summary>An input or output of a plan.</summary>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions.</param>
/// <param name="Scale">0 for float32.</param>
/// <param name="ZeroPoint">Zero point.</param>
/// <param name="Bytes">Bytes of the whole tensor.</param>
internal sealed record PlanTensorInfo(ElementType Type, IReadOnlyList<int> Shape, float Scale, int ZeroPoint, int Bytes)
{
    public int Elements => Bytes / Type.Size();

    /// <summary>The real number that a stored element means; an element without scale means itself.</summary>
    public double Dequantize(double element) => Scale == 0 ? element : (element - ZeroPoint) * Scale;
}
