using System.Collections.Generic;
using NfRuntime.Model.Import.FlatBuffers;
using NfRuntime.Model.Import.Schema;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>
/// One operator while its rule looks at it: its operands, its options, and where its problems go. Checks report what they find
/// and return whether all is well, so that a rule can run several and report all at once.
/// </summary>
internal sealed class OperatorScope(SourceOperator source, TensorTable tensors, ProblemList problems)
{
    private readonly HashSet<int> _states = [];

    public string Name => source.Name;

    public int InputCount => source.Inputs.Length;

    /// <summary>Tensors that the rule has taken as state.</summary>
    public IReadOnlySet<int> States => _states;

    public FlatTable? Options => source.Options;

    public bool Unsupported(string sentence, Operand? operand = null) => Report(ModelProblemKind.Unsupported, sentence, operand);

    public bool Invalid(string sentence, Operand? operand = null) => Report(ModelProblemKind.Invalid, sentence, operand);

    /// <summary>Whether there are from <paramref name="min"/> to <paramref name="max"/> inputs and one output.</summary>
    public bool Arity(int min, int max)
    {
        bool inputs = InputCount >= min && InputCount <= max;
        if (!inputs)
        {
            Invalid($"has {InputCount} inputs; {Name} has {(min == max ? $"{min}" : $"{min} to {max}")}");
        }

        return source.Outputs.Length == 1
            ? inputs
            : Invalid($"has {source.Outputs.Length} outputs; {Name} has one");
    }

    /// <summary>Input <paramref name="position"/>, or null after having reported that it is absent or unusable.</summary>
    public Operand? Input(int position, string role)
    {
        if (IsAbsent(position))
        {
            Invalid($"has no {role} (input {position})");
            return null;
        }

        return Take(source.Inputs[position], role);
    }

    /// <summary>Input <paramref name="position"/>; null with true when the model leaves it out, null with false after a report.</summary>
    public bool OptionalInput(int position, string role, out Operand? operand)
    {
        operand = IsAbsent(position) ? null : Take(source.Inputs[position], role);
        return IsAbsent(position) || operand is not null;
    }

    /// <summary>Input <paramref name="position"/> as state: it must be a variable tensor.</summary>
    public Operand? State(int position, string role)
    {
        Operand? state = Input(position, role);
        if (state is null)
        {
            return null;
        }

        _states.Add(state.Index);
        return state.Tensor.IsVariable ? state : NotVariable(state);
    }

    public Operand? Output() => Take(source.Outputs[0], "output");

    public bool IsAbsent(int position) => position >= InputCount || source.Inputs[position] == -1;

    /// <summary>Whether the options, if there are any, are those of union member <paramref name="member"/>.</summary>
    /// <param name="member">The number of the table in the schema's union BuiltinOptions.</param>
    /// <param name="required">Whether the operator means nothing without options.</param>
    public bool HasOptions(byte member, bool required)
    {
        if (source.OptionsType == 0 || Options is null)
        {
            return !required || Invalid("has no options");
        }

        return source.OptionsType == member || Invalid($"has options of another operator (union member {source.OptionsType}, not {member})");
    }

    /// <summary>The fused activation stored as <paramref name="code"/>, or null after a report.</summary>
    public Activation? FusedActivation(int code)
    {
        if (code is >= (int)Activation.None and <= (int)Activation.Relu6)
        {
            return (Activation)code;
        }

        Unsupported($"has fused activation {code}; none, RELU, RELU_N1_TO_1 and RELU6 are supported");
        return null;
    }

    private Operand? NotVariable(Operand state)
    {
        Unsupported($"{state.Is} no variable tensor", state);
        return null;
    }

    private Operand? Take(int index, string role)
    {
        if (!tensors.Contains(index))
        {
            Invalid($"names tensor {index} of {tensors.Count} as its {role}");
            return null;
        }

        TensorEntry entry = tensors[index];
        if (entry.Tensor is { } tensor)
        {
            return new Operand(index, tensor, role);
        }

        if (!entry.IsReported)
        {
            entry.IsReported = true;
            entry.Problems.ForEach(problem => Add(problem.Kind, problem.Sentence, entry.Index, entry.Name));
        }

        return null;
    }

    private bool Report(ModelProblemKind kind, string sentence, Operand? operand)
    {
        Add(kind, sentence, operand?.Index, operand?.Tensor.Name);
        return false;
    }

    private void Add(ModelProblemKind kind, string sentence, int? tensor, string? tensorName) => problems.Add(new ModelProblem(kind, sentence)
    {
        OperatorIndex = source.Index,
        OperatorName = source.Name,
        TensorIndex = tensor,
        TensorName = tensorName,
    });
}

/// <summary>An operator's tensor and the part that it plays there.</summary>
/// <param name="Index">Index in the .tflite tensor table.</param>
/// <param name="Tensor">The tensor.</param>
/// <param name="Role">What messages call it: "weights", "output".</param>
internal sealed record Operand(int Index, Tensor Tensor, string Role)
{
    /// <summary>The role with its verb: "the weights are", "the bias is".</summary>
    public string Is => $"the {Role} {(IsPlural ? "are" : "is")}";

    /// <summary>The role with its verb: "the weights have", "the bias has".</summary>
    public string Has => $"the {Role} {(IsPlural ? "have" : "has")}";

    public ElementType Type => Tensor.Type;

    public int Rank => Tensor.Shape.Count;

    public int this[System.Index dimension] => Tensor.Shape[dimension.GetOffset(Rank)];

    /// <summary>The scale of a tensor whose quantization has been checked to be per tensor.</summary>
    public float Scale => Tensor.Quantization!.Scale;

    public int ZeroPoint => Tensor.Quantization!.ZeroPoint;

    private bool IsPlural => Role.EndsWith('s') && !Role.EndsWith("bias", System.StringComparison.Ordinal);
}
