using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Passes;

namespace NfRuntime.Model.Tests.Passes;

/// <summary>What tests of passes share.</summary>
internal static class PassTests
{
    /// <summary>The kinds of the graph's operators in order, with their source indices.</summary>
    public static IEnumerable<string> Operators(this Graph graph) => graph.Nodes.Select(node => $"{node.SourceIndex}:{node.Kind}");

    /// <summary>Runs a pass between two verifications.</summary>
    public static Graph Apply(IGraphPass pass, Graph graph) => new PassPipeline([pass]).Run(graph);
}
