namespace NfRuntime.Cli.Boards;

/// <summary>The engine's error numbers (firmware/nfr.h) in words.</summary>
internal static class EngineErrors
{
    public const int Unsupported = -4;

    public static string Describe(int error) => error switch
    {
        -1 => "ARGUMENT, a caller's mistake",
        -2 => "CORRUPT, bytes break a rule of the format",
        -3 => "VERSION, an unknown major version",
        Unsupported => "UNSUPPORTED, a feature, layout or operator that this firmware lacks",
        -5 => "NO_MEMORY, arena or state is too small",
        -6 => "SIGNATURE, wrong, or its key may not sign this",
        -7 => "ROLLBACK, a security counter or key list below the floor",
        -8 => "BUDGET, the smallest unit of an operator exceeds the slice",
        -9 => "PORT, crypto or flash failed",
        -10 => "BUSY, the arena is in use",
        -11 => "SELF_TEST, an output differs from the golden vectors",
        -12 => "NOT_FOUND, no such blob, capsule name or version",
        -13 => "NO_SPACE, flash or the store's index is full",
        -14 => "EMPTY, no store on this flash",
        -15 => "FOREIGN, a store of another device or of other flash geometry",
        -16 => "STATE, the lifecycle does not allow this in the version's state",
        _ => $"error {error}",
    };
}
