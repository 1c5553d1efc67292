using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;

namespace NfRuntime.Model.Passes;

/// <summary>What is live while an operator runs, given the set of operators that ran before (bit n: node n).</summary>
internal sealed class OrderingModel
{
    private readonly Graph _graph;
    private readonly int[] _viewOf;
    private readonly BigInteger[] _before;
    private readonly Sharing _sharing;
    private readonly SortedDictionary<int, Activation> _activations = [];

    public OrderingModel(Graph graph)
    {
        _graph = graph;
        _viewOf = Views.Of(graph);
        _before = new BigInteger[graph.Nodes.Count];
        _sharing = new Sharing(graph, _viewOf);
        CollectActivations();
        CollectDependencies();
    }

    public bool IsReady(int node, BigInteger done) => (done >> node).IsEven && (_before[node] & ~done).IsZero;

    /// <summary>
    /// Bytes live while <paramref name="node"/> runs, each tensor rounded up as in the arena. What the output may share with
    /// an input that dies counts once: in its place, or row by row. Scratch is not known yet.
    /// </summary>
    public long BytesDuring(int node, BigInteger done)
    {
        BigInteger after = done | (BigInteger.One << node);
        long bytes = 0;
        long saving = 0;
        int output = _viewOf[_graph.Nodes[node].Outputs[0]];
        foreach ((int root, Activation activation) in _activations)
        {
            if (root == output && activation.Producer == node)
            {
                bytes += activation.Bytes;
            }
            else if (activation.IsLive(done))
            {
                bytes += activation.Bytes;
                saving = activation.IsLive(after) ? saving : Math.Max(saving, _sharing.Saving(_graph.Nodes[node], root));
            }
        }

        return bytes - saving;
    }

    public long PeakOf(IReadOnlyList<int> order)
    {
        long peak = 0;
        BigInteger done = BigInteger.Zero;
        foreach (int node in order)
        {
            peak = Math.Max(peak, BytesDuring(node, done));
            done |= BigInteger.One << node;
        }

        return peak;
    }

    private void CollectActivations()
    {
        foreach (int input in _graph.Inputs)
        {
            _activations[input] = new Activation(PlanFormat.AlignUp(_graph.Tensors[input].ByteSize), -1);
        }

        for (int n = 0; n < _graph.Nodes.Count; n++)
        {
            foreach (int output in _graph.Nodes[n].Outputs.Where(output => _viewOf[output] == output))
            {
                _activations[output] = new Activation(PlanFormat.AlignUp(_graph.Tensors[output].ByteSize), n);
            }
        }

        for (int n = 0; n < _graph.Nodes.Count; n++)
        {
            foreach (int input in _graph.Nodes[n].Inputs.Where(input => input >= 0 && _activations.ContainsKey(_viewOf[input])))
            {
                _activations[_viewOf[input]].Consumers |= BigInteger.One << n;
            }
        }

        foreach (int output in _graph.Outputs.Where(output => _activations.ContainsKey(_viewOf[output])))
        {
            _activations[_viewOf[output]].IsOutput = true;
        }
    }

    // An operator runs after the producers of its inputs, and after earlier operators on the same state.
    private void CollectDependencies()
    {
        var producer = new Dictionary<int, int>();
        for (int n = 0; n < _graph.Nodes.Count; n++)
        {
            foreach (int input in _graph.Nodes[n].Inputs.Where(input => input >= 0))
            {
                if (producer.TryGetValue(input, out int before))
                {
                    _before[n] |= BigInteger.One << before;
                }
            }

            foreach (int written in _graph.Nodes[n].Outputs.Concat(_graph.Nodes[n].Inputs.Where(input => input >= 0 && _graph.Tensors[input].IsVariable)))
            {
                producer[written] = n;
            }
        }
    }

    private sealed class Activation(long bytes, int producer)
    {
        public long Bytes => bytes;

        public int Producer => producer;

        public BigInteger Consumers { get; set; }

        public bool IsOutput { get; set; }

        // Produced, and still to be read (an input of the model that nobody reads is not).
        public bool IsLive(BigInteger done) =>
            (producer < 0 || !(done >> producer).IsEven) && (IsOutput || !(Consumers & ~done).IsZero);
    }
}
