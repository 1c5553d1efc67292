using System.Collections.Generic;
using System.Text.Json.Serialization;

namespace NfRuntime.Cli.Output;

/// <summary>An error on standard error with --json.</summary>
internal sealed record ErrorShape(string Error, string Message, string Remedy, IReadOnlyList<string> Further);

/// <summary>compile --json.</summary>
internal sealed record CompileShape(
    string Model,
    string Target,
    long Macs,
    long WeightBytes,
    long ConstantBytes,
    long ModelConstantBytes,
    long PlanBytes,
    long StateBytes,
    long ArenaBytes,
    long ScratchBytes,
    long LivenessBound,
    int PeakOperator,
    int InPlaceOperators,
    IReadOnlyList<OperatorShape> Operators,
    IReadOnlyList<TensorShape> Inputs,
    IReadOnlyList<TensorShape> Outputs,
    string? Plan);

/// <summary>One operator of a compiled plan.</summary>
internal sealed record OperatorShape(
    int Index, int SourceOperator, string Name, string Tensor, IReadOnlyList<int> OutputShape, long Macs, long WeightBytes, long LiveBytes);

/// <summary>A model input or output.</summary>
internal sealed record TensorShape(string Name, string Type, IReadOnlyList<int> Shape, float Scale, int ZeroPoint, int Bytes);

/// <summary>keygen --json; what was not made is null.</summary>
internal sealed record KeygenShape(KeyShape? Publisher, KeyShape? Root, KeyListShape? KeyList);

/// <summary>A private key's file; the public half is beside it with the suffix .pub.</summary>
internal sealed record KeyShape(string File, string Id, IReadOnlyList<string> Prefixes);

/// <summary>The root-signed list of keys.</summary>
internal sealed record KeyListShape(string File, uint Version, IReadOnlyList<string> Keys, IReadOnlyList<string> Revoked);

/// <summary>test --json.</summary>
internal sealed record TestShape(string Board, string Target, int Passed, int Failed, int LeftOut, IReadOnlyList<ModelTestShape> Models);

/// <summary>One model of a test.</summary>
internal sealed record ModelTestShape(string Model, int Passed, int Failed, string? LeftOut, IReadOnlyList<string> Failures);

/// <summary>eval --json; what was not asked for is null.</summary>
internal sealed record EvalShape(string Model, string Board, int Records, int? Right, double? Accuracy, int? GoldenMatches);

/// <summary>Indented, camelCase.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CompileShape))]
[JsonSerializable(typeof(KeygenShape))]
[JsonSerializable(typeof(TestShape))]
[JsonSerializable(typeof(EvalShape))]
internal sealed partial class Shapes : JsonSerializerContext;

/// <summary>One line, camelCase.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ErrorShape))]
internal sealed partial class CompactShapes : JsonSerializerContext;
