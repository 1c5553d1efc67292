using System.Collections.Generic;

namespace NfRuntime.Cli.Errors;

/// <summary>Every kind of error that the tool reports; docs/reference/errors.md explains each.</summary>
internal static class ErrorCodes
{
    public static readonly ErrorCode CommandLine = new(1001, ExitCode.Usage, "the command line is wrong");
    public static readonly ErrorCode FileAccess = new(1002, ExitCode.Input, "a file cannot be read or written");
    public static readonly ErrorCode OptionValue = new(1003, ExitCode.Usage, "an option's value cannot be used");
    public static readonly ErrorCode ToolMissing = new(1010, ExitCode.Missing, "a program that the tool needs is not there");
    public static readonly ErrorCode Interrupted = new(1020, ExitCode.Interrupted, "interrupted");

    public static readonly ErrorCode ModelMissing = new(2001, ExitCode.Input, "no such model or image");
    public static readonly ErrorCode ModelMalformed = new(2002, ExitCode.Input, "not a TFLite model");
    public static readonly ErrorCode ModelUnsupported = new(2003, ExitCode.Input, "the model has something that is not supported");
    public static readonly ErrorCode CompileFailed = new(2004, ExitCode.Input, "the model cannot be compiled");
    public static readonly ErrorCode TargetUnknown = new(2005, ExitCode.Usage, "no such target");

    public static readonly ErrorCode ProjectMissing = new(3001, ExitCode.Input, "no capsule project there");
    public static readonly ErrorCode ProjectJson = new(3002, ExitCode.Input, "capsule.json is not JSON");
    public static readonly ErrorCode ProjectProperty = new(3003, ExitCode.Input, "a property of capsule.json is wrong");
    public static readonly ErrorCode ProjectFile = new(3004, ExitCode.Input, "a file that capsule.json names cannot be used");
    public static readonly ErrorCode ProjectProcessing = new(3005, ExitCode.Input, "the processing does not fit the model");
    public static readonly ErrorCode ProjectVectors = new(3006, ExitCode.Input, "the inputs for golden vectors cannot be used");

    public static readonly ErrorCode GoldenFile = new(4001, ExitCode.Input, "a golden file cannot be used");
    public static readonly ErrorCode NothingToTest = new(4002, ExitCode.Input, "there is nothing to test");
    public static readonly ErrorCode DataSet = new(4003, ExitCode.Input, "inputs or labels cannot be used");
    public static readonly ErrorCode NoClassifier = new(4004, ExitCode.Input, "the model is no classifier");
    public static readonly ErrorCode BoardUnknown = new(4005, ExitCode.Usage, "no such board");
    public static readonly ErrorCode BoardFailed = new(4006, ExitCode.Refused, "a board refused a plan or broke off");
    public static readonly ErrorCode InputSize = new(4007, ExitCode.Input, "an input does not have the model's size");
    public static readonly ErrorCode BoardFile = new(4008, ExitCode.Input, "a board file cannot be used");

    public static readonly ErrorCode KeyUnusable = new(5001, ExitCode.Input, "a key cannot be used");
    public static readonly ErrorCode KeyMissing = new(5002, ExitCode.Input, "there is no key to sign with");
    public static readonly ErrorCode ManifestFormat = new(5003, ExitCode.Input, "bytes that a device would refuse");
    public static readonly ErrorCode ResultDiffers = new(5010, ExitCode.Refused, "a target computes something else than the reference");

    public static readonly ErrorCode StoreFailed = new(5020, ExitCode.Input, "the image store cannot do what was asked");
    public static readonly ErrorCode ImageMissing = new(5021, ExitCode.Input, "no such image");
    public static readonly ErrorCode ContentRefused = new(5022, ExitCode.Refused, "content that cannot be trusted");
    public static readonly ErrorCode ImageTarget = new(5023, ExitCode.Input, "the image has no such target");
    public static readonly ErrorCode NotVerified = new(5024, ExitCode.Failed, "an image does not verify");

    public static readonly ErrorCode RegistryUnreachable = new(5030, ExitCode.Missing, "a registry cannot be reached");
    public static readonly ErrorCode RegistryLogin = new(5031, ExitCode.Input, "a registry wants a login, or refuses it");
    public static readonly ErrorCode RegistryMissing = new(5032, ExitCode.Input, "a registry has no such image");
    public static readonly ErrorCode RegistryUntrusted = new(5033, ExitCode.Refused, "a registry's answer cannot be trusted");
    public static readonly ErrorCode RegistryRefused = new(5034, ExitCode.Input, "a registry does not do what was asked");
    public static readonly ErrorCode RegistryInsecure = new(5035, ExitCode.Refused, "a registry cannot be talked to safely");
    public static readonly ErrorCode RegistryLogins = new(5036, ExitCode.Input, "a login cannot be kept or read");

    public static readonly ErrorCode ProcessorBuild = new(6001, ExitCode.Input, "the processor does not build");
    public static readonly ErrorCode GateRefused = new(6002, ExitCode.Refused, "the processor may not go to a device");
    public static readonly ErrorCode ProcessorType = new(6003, ExitCode.Input, "the processor's type cannot be used");
    public static readonly ErrorCode ProcessorPe = new(6004, ExitCode.Input, "a device target needs the processor as a .pe");

    public static readonly ErrorCode DeviceRefused = new(7001, ExitCode.Refused, "the virtual device refused the capsule");
    public static readonly ErrorCode DeviceFailed = new(7002, ExitCode.Refused, "the virtual device broke off");
    public static readonly ErrorCode FlashFile = new(7010, ExitCode.Input, "a file is no flash with a store");

    public static readonly ErrorCode FleetAbsent = new(8001, ExitCode.Missing, "no controller answers");
    public static readonly ErrorCode FleetAnswer = new(8002, ExitCode.Input, "the controller's answer cannot be used");
    public static readonly ErrorCode FleetToken = new(8003, ExitCode.Refused, "the controller refuses the token");
    public static readonly ErrorCode DeviceUnknown = new(8004, ExitCode.Input, "the controller does not know that");
    public static readonly ErrorCode FleetConflict = new(8005, ExitCode.Refused, "the devices' state does not allow it");
    public static readonly ErrorCode FleetRequest = new(8006, ExitCode.Usage, "the controller cannot use the request");
    public static readonly ErrorCode ClaimRefused = new(8007, ExitCode.Refused, "a claim is refused");
    public static readonly ErrorCode KeyListRefused = new(8008, ExitCode.Refused, "the key list is refused");
    public static readonly ErrorCode PlaygroundFailed = new(8010, ExitCode.Missing, "the playground does not start");

    public static readonly ErrorCode Defect = new(9001, ExitCode.Internal, "a defect of the tool");

    /// <summary>All of them, ascending.</summary>
    public static IReadOnlyList<ErrorCode> All { get; } =
    [
        CommandLine, FileAccess, OptionValue, ToolMissing, Interrupted,
        ModelMissing, ModelMalformed, ModelUnsupported, CompileFailed, TargetUnknown,
        ProjectMissing, ProjectJson, ProjectProperty, ProjectFile, ProjectProcessing, ProjectVectors,
        GoldenFile, NothingToTest, DataSet, NoClassifier, BoardUnknown, BoardFailed, InputSize, BoardFile,
        KeyUnusable, KeyMissing, ManifestFormat, ResultDiffers, StoreFailed, ImageMissing, ContentRefused, ImageTarget, NotVerified,
        RegistryUnreachable, RegistryLogin, RegistryMissing, RegistryUntrusted, RegistryRefused, RegistryInsecure, RegistryLogins,
        ProcessorBuild, GateRefused, ProcessorType, ProcessorPe, DeviceRefused, DeviceFailed, FlashFile,
        FleetAbsent, FleetAnswer, FleetToken, DeviceUnknown, FleetConflict, FleetRequest, ClaimRefused, KeyListRefused, PlaygroundFailed,
        Defect,
    ];
}
