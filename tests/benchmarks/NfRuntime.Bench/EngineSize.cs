using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace NfRuntime.Bench;

/// <summary>Bytes of code and constants that a device links to run one model: engine-size.elf with exactly its operators.</summary>
internal sealed class EngineSize(string root, Core core)
{
    private readonly Dictionary<string, long> _known = [];

    /// <summary>.text + .rodata + .data of loader, validator, step, manifest parser and the operators; same flags as the speed row, no crypto.</summary>
    /// <param name="operators">Names as in firmware/engine/operators.cmake.</param>
    public long Measure(IEnumerable<string> operators)
    {
        string list = string.Join(';', operators.Distinct().Order(StringComparer.Ordinal));
        if (_known.TryGetValue(list, out long bytes))
        {
            return bytes;
        }

        string build = Path.Combine(root, "artifacts", "firmware", core.BuildFolder + "-size");
        Tools.Run(root, "cmake", ["-S", "firmware", "-B", build, .. core.CMakeArguments, "-DNFR_OPERATORS=" + list]);
        Tools.Run(root, "cmake", ["--build", build, "--target", "engine-size.elf", "-j2"]);
        string[] figures = Tools.Run(root, "arm-none-eabi-size", [Path.Combine(build, "engine-size.elf")])
            .Split('\n')[1].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return _known[list] = long.Parse(figures[0], CultureInfo.InvariantCulture) + long.Parse(figures[1], CultureInfo.InvariantCulture);
    }
}
