using System;
using NfRuntime.Images.Oci;

namespace NfRuntime.Images.Building;

/// <summary>
/// A target in OCI's words. Go knows Arm; it has no value for RV32 or Xtensa, and <c>host</c> runs on any machine: those have no platform.
/// The operating system is <c>none</c>, a value that Go does not know, so that no Linux host takes the variant for its own.
/// </summary>
public static class TargetPlatform
{
    /// <summary>The target whose managed section is a .dll: the virtual device.</summary>
    public const string Host = "host";

    /// <summary>The platform, or null where GOARCH has no value.</summary>
    public static Platform? Of(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return target.StartsWith("cortex-m", StringComparison.Ordinal) ? new Platform("arm", "none") : null;
    }
}
