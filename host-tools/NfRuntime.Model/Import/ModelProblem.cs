namespace NfRuntime.Model.Import;

/// <summary>What kind of problem keeps a model from being imported.</summary>
public enum ModelProblemKind
{
    /// <summary>The bytes are no TFLite FlatBuffer, or exceed a limit: the only problem reported, with its byte offset.</summary>
    Malformed,

    /// <summary>A well-formed model asks for something that the runtime does not do.</summary>
    Unsupported,

    /// <summary>The model contradicts itself: shapes, types, quantization or order.</summary>
    Invalid,
}

/// <summary>One reason why a model cannot be imported.</summary>
/// <param name="Kind">The kind of problem.</param>
/// <param name="Sentence">What is wrong, with the numbers.</param>
public sealed record ModelProblem(ModelProblemKind Kind, string Sentence)
{
    /// <summary>Index in the .tflite operator list, when an operator is concerned.</summary>
    public int? OperatorIndex { get; init; }

    /// <summary>The operator's name in the schema ("CONV_2D"), or its custom code; null with no operator.</summary>
    public string? OperatorName { get; init; }

    /// <summary>Index in the .tflite tensor table, when a tensor is concerned.</summary>
    public int? TensorIndex { get; init; }

    /// <summary>The tensor's name; null with no tensor, may be empty.</summary>
    public string? TensorName { get; init; }

    /// <summary>Position in the file, when the problem is <see cref="ModelProblemKind.Malformed"/>.</summary>
    public long? ByteOffset { get; init; }

    /// <summary>The schema's name of the malformed structure, such as "Tensor.shape".</summary>
    public string? Structure { get; init; }

    /// <summary>One line: where, then what.</summary>
    public override string ToString()
    {
        if (ByteOffset is long offset)
        {
            return $"byte {offset} ({Structure}): {Sentence}";
        }

        string? op = OperatorIndex is int index ? $"operator {index} ({OperatorName})" : null;
        if (TensorIndex is not int tensorIndex)
        {
            return op is null ? Sentence : $"{op} {Sentence}";
        }

        string tensor = string.IsNullOrEmpty(TensorName) ? $"tensor {tensorIndex}" : $"tensor {tensorIndex} \"{TensorName}\"";
        return op is null ? $"{tensor}: {Sentence}" : $"{op}, {tensor}: {Sentence}";
    }
}
