using NfRuntime.Native;

namespace NfRuntime.VirtualDevice;

/// <summary>Short permanent names of the firmware's errors, for scripts.</summary>
internal static class Reasons
{
    public static string Of(int error) => error switch
    {
        NativeError.Argument => "argument",
        NativeError.Corrupt => "corrupt",
        NativeError.Version => "version",
        NativeError.Unsupported => "unsupported",
        NativeError.NoMemory => "no-memory",
        NativeError.Signature => "signature",
        NativeError.Rollback => "rollback",
        NativeError.Budget => "budget",
        NativeError.Port => "port",
        NativeError.Busy => "busy",
        NativeError.SelfTest => "self-test",
        NativeError.NotFound => "not-found",
        NativeError.NoSpace => "no-space",
        NativeError.Empty => "empty",
        NativeError.Foreign => "foreign",
        NativeError.State => "state",
        _ => "unknown",
    };
}
