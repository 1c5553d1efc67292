using NfRuntime.Images.Registry;

namespace NfRuntime.Cli.Errors;

/// <summary>The tool's errors for those of registries.</summary>
internal static class RegistryErrors
{
    public static ErrorCode Code(RegistryError error) => error switch
    {
        RegistryError.Unreachable => ErrorCodes.RegistryUnreachable,
        RegistryError.LoginNeeded or RegistryError.Denied => ErrorCodes.RegistryLogin,
        RegistryError.NotFound => ErrorCodes.RegistryMissing,
        RegistryError.Untrusted => ErrorCodes.RegistryUntrusted,
        RegistryError.Insecure => ErrorCodes.RegistryInsecure,
        RegistryError.Logins => ErrorCodes.RegistryLogins,
        _ => ErrorCodes.RegistryRefused,
    };

    /// <summary>Where the exception has none.</summary>
    public static string Remedy(RegistryError error) => error switch
    {
        RegistryError.Unreachable => "Try again later; what is there already is not sent again.",
        RegistryError.NotFound => "Check name and tag; capsule push brings an image there.",
        RegistryError.Untrusted => "Ask the registry's operator; nothing was stored.",
        RegistryError.Logins => "capsule login --help shows what it takes.",
        _ => "Ask the registry's operator what it allows.",
    };
}
