using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Import.Operators;
using NfRuntime.Model.Import.Schema;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import;

/// <summary>Turns a model's tables into a graph: operators by their rules, then the flow between them, then inputs and outputs.</summary>
internal sealed class GraphImporter
{
    private readonly TfliteModel _model;
    private readonly string _name;
    private readonly TensorTable _tensors;
    private readonly ProblemList _problems = new();
    private readonly FlowChecker _flow;

    public GraphImporter(TfliteModel model, string name)
    {
        _model = model;
        _name = name;
        _tensors = new TensorTable(model);
        _flow = new FlowChecker(_tensors, _problems);
    }

    public IReadOnlyList<ModelProblem> Problems => _problems.All;

    /// <summary>The graph, or null when there are problems.</summary>
    public Graph? Import()
    {
        _flow.EnterInputs(_model.Inputs);
        var nodes = new List<Node>(_model.OperatorCount);
        for (int index = 0; index < _model.OperatorCount && !_problems.IsFull; index++)
        {
            if (ImportOperator(_model.Operator(index)) is { } node)
            {
                nodes.Add(node);
            }
        }

        _flow.CheckOutputs(_model.Outputs);
        return _problems.All.Count == 0 ? Assemble(nodes) : null;
    }

    private Node? ImportOperator(SourceOperator source)
    {
        if (!OperatorRules.Knows(source.Code))
        {
            _problems.Add(new ModelProblem(ModelProblemKind.Unsupported, "is not supported") { OperatorIndex = source.Index, OperatorName = source.Name });
            _flow.PassRefused(source);
            return null;
        }

        var scope = new OperatorScope(source, _tensors, _problems);
        if (OperatorRules.Import(scope, (OperatorKind)source.Code) is not { } attributes)
        {
            _flow.PassRefused(source);
            return null;
        }

        _flow.Pass(source, scope.States);
        return new Node(source.Index, attributes, Array.AsReadOnly(source.Inputs), Array.AsReadOnly(source.Outputs));
    }

    // Tensors that nothing refers to are left out; the others keep their order.
    private Graph Assemble(List<Node> nodes)
    {
        var used = new SortedSet<int>(_model.Inputs.Concat(_model.Outputs));
        foreach (Node node in nodes)
        {
            used.UnionWith(node.Inputs.Where(index => index >= 0));
            used.UnionWith(node.Outputs);
        }

        Dictionary<int, int> place = used.Select((source, index) => (source, index)).ToDictionary(pair => pair.source, pair => pair.index);
        IReadOnlyList<int> Place(IEnumerable<int> indices) => Array.AsReadOnly([.. indices.Select(index => index < 0 ? -1 : place[index])]);
        return new Graph(
            _name,
            Array.AsReadOnly([.. used.Select(index => _tensors[index].Tensor!)]),
            Array.AsReadOnly([.. nodes.Select(node => node with { Inputs = Place(node.Inputs), Outputs = Place(node.Outputs) })]),
            Place(_model.Inputs),
            Place(_model.Outputs));
    }
}
