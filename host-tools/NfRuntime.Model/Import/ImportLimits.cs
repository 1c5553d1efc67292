namespace NfRuntime.Model.Import;

/// <summary>
/// What a model may have at most. Far beyond what fits on a microcontroller, and low enough that a hostile file of a few bytes
/// cannot make the importer allocate or run for long: importing allocates less than 64 × the file's size + 4 MiB.
/// </summary>
public static class ImportLimits
{
    /// <summary>Bytes of the file: 64 MiB.</summary>
    public const int MaxFileBytes = 64 << 20;

    /// <summary>Tensors of the subgraph.</summary>
    public const int MaxTensors = 4096;

    /// <summary>Operators of the subgraph.</summary>
    public const int MaxOperators = 2048;

    /// <summary>Different operator codes of the model.</summary>
    public const int MaxOperatorCodes = 512;

    /// <summary>Constant buffers of the model.</summary>
    public const int MaxBuffers = 1 << 16;

    /// <summary>Subgraphs that may be present (the first is imported).</summary>
    public const int MaxSubgraphs = 64;

    /// <summary>Model inputs, and model outputs.</summary>
    public const int MaxModelInputs = 64;

    /// <summary>Inputs, and outputs, of one operator.</summary>
    public const int MaxOperands = 64;

    /// <summary>Dimensions of a tensor.</summary>
    public const int MaxRank = 6;

    /// <summary>Elements of a tensor.</summary>
    public const int MaxElements = 1 << 26;

    /// <summary>Scales of a tensor that is quantized per channel.</summary>
    public const int MaxChannels = 1 << 16;

    /// <summary>A stride, a dilation, or an edge of a pooling window.</summary>
    public const int MaxWindowStep = 1 << 15;

    /// <summary>Bytes of a name that are kept for messages.</summary>
    public const int MaxNameBytes = 256;

    /// <summary>Problems that are reported; the search stops there.</summary>
    public const int MaxProblems = 100;
}
