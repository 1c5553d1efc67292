using System.Collections.Generic;
using NfRuntime.Model.Import.Schema;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import;

/// <summary>
/// Checks that data flows forward: every tensor that an operator reads is an input of the model, a constant, a state, or the
/// output of an operator before it; every tensor has one origin; every state belongs to one operator.
/// </summary>
internal sealed class FlowChecker(TensorTable tensors, ProblemList problems)
{
    private readonly HashSet<int> _available = [];
    private readonly HashSet<int> _produced = [];
    private readonly HashSet<int> _states = [];

    /// <summary>The model's inputs: plain tensors, each once.</summary>
    public void EnterInputs(int[] inputs)
    {
        if (inputs.Length == 0)
        {
            problems.Add(new ModelProblem(ModelProblemKind.Invalid, "the model has no input"));
        }

        foreach (int index in inputs)
        {
            if (Exists(index, "model input") && Usable(index, "model input") && !_available.Add(index))
            {
                Report(index, "is a model input twice");
            }
        }
    }

    /// <summary>An operator that has been refused: its outputs are there for those behind it, nothing else is said about it.</summary>
    public void PassRefused(SourceOperator source)
    {
        foreach (int index in source.Outputs)
        {
            _available.Add(index);
            _produced.Add(index);
        }
    }

    /// <summary>An operator that obeys its rule, which has taken <paramref name="states"/> as its state; so every index is in range.</summary>
    public void Pass(SourceOperator source, IReadOnlySet<int> states)
    {
        foreach (int index in source.Inputs)
        {
            if (index != -1)
            {
                CheckRead(index, source, states);
            }
        }

        foreach (int index in source.Outputs)
        {
            CheckWrite(index, source);
        }
    }

    /// <summary>The model's outputs: each the output of an operator, each once.</summary>
    public void CheckOutputs(int[] outputs)
    {
        if (outputs.Length == 0)
        {
            problems.Add(new ModelProblem(ModelProblemKind.Invalid, "the model has no output"));
        }

        var seen = new HashSet<int>();
        foreach (int index in outputs)
        {
            if (!Exists(index, "model output"))
            {
                continue;
            }

            if (!_produced.Contains(index))
            {
                Report(index, "is a model output, but no operator produces it");
            }
            else if (!seen.Add(index))
            {
                Report(index, "is a model output twice");
            }
        }
    }

    private void CheckRead(int index, SourceOperator source, IReadOnlySet<int> states)
    {
        TensorEntry entry = tensors[index];
        if (states.Contains(index))
        {
            if (!_states.Add(index) || _available.Contains(index))
            {
                Report(index, "is the state of this operator and has another use", source);
            }
        }
        else if (entry.IsVariable)
        {
            Report(index, "is a variable tensor, but not the state of this operator", source);
        }
        else if (!entry.IsConstant && !_available.Contains(index))
        {
            Report(index, "is read before anything produces it", source);
        }
    }

    private void CheckWrite(int index, SourceOperator source)
    {
        TensorEntry entry = tensors[index];
        if (entry.IsConstant || entry.IsVariable)
        {
            Report(index, $"is the output, but {(entry.IsConstant ? "constant" : "a variable tensor")}", source);
        }
        else if (!_available.Add(index))
        {
            Report(index, "is the output, but was there before", source);
        }

        _produced.Add(index);
    }

    private bool Usable(int index, string what)
    {
        TensorEntry entry = tensors[index];
        if (entry.IsConstant || entry.IsVariable)
        {
            Report(index, $"is a {what}, but {(entry.IsConstant ? "constant" : "a variable tensor")}");
            return false;
        }

        if (entry.Tensor is { } tensor)
        {
            return tensor.Type is ElementType.Float32 or ElementType.Int8 or ElementType.Int16
                || Refuse(entry, $"is a {what} of type {SchemaNames.Name(tensor.Type)}; int8, int16 and float32 are supported");
        }

        entry.IsReported = true;
        entry.Problems.ForEach(problem => problems.Add(
            new ModelProblem(problem.Kind, problem.Sentence) { TensorIndex = index, TensorName = entry.Name }));
        _available.Add(index);
        return false;
    }

    private bool Refuse(TensorEntry entry, string sentence)
    {
        problems.Add(new ModelProblem(ModelProblemKind.Unsupported, sentence) { TensorIndex = entry.Index, TensorName = entry.Name });
        return false;
    }

    private bool Exists(int index, string what)
    {
        if (tensors.Contains(index))
        {
            return true;
        }

        problems.Add(new ModelProblem(ModelProblemKind.Invalid, $"the model names tensor {index} of {tensors.Count} as {what}"));
        return false;
    }

    private void Report(int index, string sentence, SourceOperator? source = null) =>
        problems.Add(new ModelProblem(ModelProblemKind.Invalid, sentence)
        {
            OperatorIndex = source?.Index,
            OperatorName = source?.Name,
            TensorIndex = index,
            TensorName = tensors[index].Name,
        });
}
