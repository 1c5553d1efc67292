using System.Collections.Generic;
using System.Linq;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Projects;
using NfRuntime.Images.Capsule;
using NfRuntime.Model.Ir;

namespace NfRuntime.Cli.Building;

/// <summary>Declared processing, folded with the model's quantization into what a device runs.</summary>
internal sealed record Processing(IReadOnlyList<PreProcessing> Pre, PostProcessing? Post)
{
    /// <exception cref="ToolException">It does not fit the model.</exception>
    public static Processing Fold(CapsuleProject project, Graph graph)
    {
        try
        {
            return new Processing(
                [.. project.Pre.Select(declared => DeclarativeProcessing.Derive(declared, Describe(graph, graph.Inputs, declared.Input, "input")))],
                project.Post is { } post ? DeclarativeProcessing.Derive(post, Describe(graph, graph.Outputs, post.Output, "output")) : null);
        }
        catch (ProcessingException e)
        {
            throw new ToolException(ErrorCodes.ProjectProcessing, $"processing: {e.Message}.", $"Change \"processing\" in {CapsuleProject.FileName}.", e);
        }
    }

    private static TensorInfo Describe(Graph graph, IReadOnlyList<int> tensors, int index, string what)
    {
        if (index >= tensors.Count)
        {
            throw new ToolException(ErrorCodes.ProjectProcessing, $"processing names {what} {index}, and {graph.Name} has {tensors.Count}.", $"Change \"processing\" in {CapsuleProject.FileName}.");
        }

        Tensor tensor = graph.Tensors[tensors[index]];
        return tensor is { Quantization: { } quantization, Type: ElementType.Int8 or ElementType.Int16 }
            ? new TensorInfo(quantization.Scale, quantization.ZeroPoint, tensor.ElementCount, 8 * tensor.Type.Size())
            : throw new ToolException(ErrorCodes.ProjectProcessing, $"{what} {index} of {graph.Name} is {tensor.Type}; declared processing is for int8 and int16.", "Leave \"processing\" out, or convert the model to int8 inputs and outputs.");
    }
}
