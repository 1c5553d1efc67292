using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Passes;

/// <summary>One transformation of a graph. What the model computes stays the same, bit for bit.</summary>
public interface IGraphPass
{
    /// <summary>Name for messages, such as "dead code elimination".</summary>
    string Name { get; }

    /// <summary>The transformed graph; <paramref name="graph"/> itself when there is nothing to do.</summary>
    Graph Run(Graph graph);
}
