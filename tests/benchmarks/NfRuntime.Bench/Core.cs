using System.Collections.Generic;

namespace NfRuntime.Bench;

/// <summary>An emulated core that the engine can be measured on.</summary>
/// <param name="Name">As given to --core.</param>
/// <param name="Target">The compiler's target.</param>
/// <param name="BuildFolder">CMake's folder below artifacts/firmware.</param>
/// <param name="CMakeArguments">What configures it.</param>
/// <param name="QemuArguments">Machine and CPU.</param>
/// <param name="PeerKey">The core's name in the peer's figures.</param>
internal sealed record Core(string Name, string Target, string BuildFolder, string[] CMakeArguments, string[] QemuArguments, string PeerKey)
{
    public static IReadOnlyDictionary<string, Core> All { get; } = new Dictionary<string, Core>
    {
        ["m4"] = new(
            "m4",
            "cortex-m4",
            "m4",
            ["--toolchain", "cmake/arm-none-eabi.cmake", "-DNFR_CPU=cortex-m4"],
            ["-M", "mps2-an386", "-cpu", "cortex-m4"],
            "m4"),
    };
}
