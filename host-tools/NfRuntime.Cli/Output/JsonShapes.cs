using System.Collections.Generic;
using System.Text.Json.Serialization;
using NfRuntime.Cli.Boards;
using NfRuntime.Cli.Stores;
using NfRuntime.Images.Capsule;
using NfRuntime.Model.Plan;

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
    int OverlappingOperators,
    MemoryReport Memory,
    IReadOnlyList<OperatorShape> Operators,
    IReadOnlyList<TensorShape> Inputs,
    IReadOnlyList<TensorShape> Outputs,
    string? Plan);

/// <summary>One record of a compiled plan: an operator, or a CHAIN, whose members follow.</summary>
internal sealed record OperatorShape(
    int Index, int SourceOperator, string Name, string Tensor, IReadOnlyList<int> OutputShape, long Macs, long WeightBytes, long LiveBytes, int Members, long HeldRows);

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

/// <summary>build --json.</summary>
internal sealed record BuildShape(string Tag, string Digest, string UnsignedDigest, string Key, long Bytes, long SharedBytes, IReadOnlyList<string> Targets);

/// <summary>images --json: an array of these.</summary>
internal sealed record ImageShape(
    IReadOnlyList<string> Tags, string Digest, string Name, string Version, uint SecurityCounter, long Bytes, IReadOnlyList<string> Targets);

/// <summary>verify --json.</summary>
internal sealed record VerifyShape(string Digest, string Name, int Blobs, uint KeyListVersion, IReadOnlyList<VerifiedTargetShape> Targets);

/// <summary>A target that verified.</summary>
internal sealed record VerifiedTargetShape(string Target, string Key, uint SecurityCounter);

/// <summary>inspect --json.</summary>
internal sealed record InspectShape(
    IReadOnlyList<string> Tags,
    string Digest,
    string Name,
    string Version,
    uint SecurityCounter,
    string Model,
    string ModelDigest,
    string Sdk,
    long Bytes,
    IReadOnlyList<VariantShape> Targets);

/// <summary>One target of an image.</summary>
internal sealed record VariantShape(
    string Target,
    string Digest,
    string Key,
    CapsuleNeeds Needs,
    IReadOnlyList<string> Operators,
    string Capabilities,
    string? Processor,
    IReadOnlyList<string> Processing,
    IReadOnlyList<SectionShape> Sections,
    IReadOnlyDictionary<string, long> Figures);

/// <summary>One section of a capsule.</summary>
internal sealed record SectionShape(string Name, long Bytes, string Digest);

/// <summary>rm --json: an array of these; without tags when an image that had none was removed.</summary>
internal sealed record RemovedShape(IReadOnlyList<string> Untagged, string Digest, long FreedBytes);

/// <summary>load --json: an array of these.</summary>
internal sealed record LoadedShape(IReadOnlyList<string> Tags, string Digest);

/// <summary>tag --json.</summary>
internal sealed record TaggedShape(string Tag, string Digest);

/// <summary>save --json.</summary>
internal sealed record SavedShape(string File, long Bytes);

/// <summary>history --json: an array of these.</summary>
internal sealed record LayerShape(string Target, string Title, string Digest, long Bytes, IReadOnlyList<string> AlsoIn);

/// <summary>run --json; digest and selfTest are an image's.</summary>
internal sealed record RunShape(string Name, string? Digest, string? SelfTest, IReadOnlyList<PredictionShape> Predictions);

/// <summary>One inference.</summary>
internal sealed record PredictionShape(string Input, IReadOnlyList<ClassShape> Classes, int? Decision, double? Microseconds, int? Truth);

/// <summary>A class and its score, best first.</summary>
internal sealed record ClassShape(int Index, string? Label, double Score);

/// <summary>Indented, camelCase.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CompileShape))]
[JsonSerializable(typeof(KeygenShape))]
[JsonSerializable(typeof(TestShape))]
[JsonSerializable(typeof(EvalShape))]
[JsonSerializable(typeof(RunShape))]
[JsonSerializable(typeof(BuildShape))]
[JsonSerializable(typeof(ImageShape[]))]
[JsonSerializable(typeof(VerifyShape))]
[JsonSerializable(typeof(InspectShape))]
[JsonSerializable(typeof(LayerShape[]))]
[JsonSerializable(typeof(RemovedShape[]))]
[JsonSerializable(typeof(LoadedShape[]))]
[JsonSerializable(typeof(TaggedShape))]
[JsonSerializable(typeof(SavedShape))]
[JsonSerializable(typeof(TransferShape))]
[JsonSerializable(typeof(LoginShape))]
[JsonSerializable(typeof(LogoutShape))]
[JsonSerializable(typeof(StoreShape))]
[JsonSerializable(typeof(BoardCheckShape))]
internal sealed partial class Shapes : JsonSerializerContext;

/// <summary>One line, camelCase.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ErrorShape))]
internal sealed partial class CompactShapes : JsonSerializerContext;
