using System;
using System.Collections.Generic;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Passes;

/// <summary>Runs passes one after the other, and verifies the graph before the first and after each.</summary>
/// <param name="passes">In order.</param>
public sealed class PassPipeline(IReadOnlyList<IGraphPass> passes)
{
    /// <summary>All optimizations.</summary>
    public static PassPipeline Default { get; } = new(
    [
        new ConstantFolding(),
        new IdentityElimination(),
        new PadFusion(),
        new DeadCodeElimination(),
        new OutputMaterialization(),
        new OperatorOrdering(),
    ]);

    /// <summary>Nothing but what the plan format asks for.</summary>
    public static PassPipeline KeepAll { get; } = new([new OutputMaterialization()]);

    /// <summary>Runs all passes.</summary>
    /// <exception cref="GraphVerificationException">The graph, or what a pass made of it, breaks a rule; the message names the pass.</exception>
    public Graph Run(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Verify(graph, "the model");
        foreach (IGraphPass pass in passes)
        {
            graph = pass.Run(graph);
            Verify(graph, $"after {pass.Name}");
        }

        return graph;
    }

    private static void Verify(Graph graph, string where)
    {
        string? broken = GraphVerifier.FindProblem(graph);
        if (broken is not null)
        {
            throw new GraphVerificationException($"{where}: {broken}");
        }
    }
}
