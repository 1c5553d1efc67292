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

    /// <summary>
    /// .text + .data of firmware/port/mbedtls/crypto.c: the crypto that is ours. mbedTLS itself is the device firmware's, which
    /// has it for TLS. 0 where mbedTLS's headers are not installed.
    /// </summary>
    public long Crypto()
    {
        const string Headers = "/usr/include/mbedtls";
        if (!Directory.Exists(Headers))
        {
            return 0;
        }

        // Only these headers: the machine's other ones are not the core's.
        string include = Path.Combine(root, "artifacts", "firmware", core.BuildFolder + "-crypto");
        Directory.CreateDirectory(include);
        foreach (string folder in (string[])[Headers, "/usr/include/psa"])
        {
            string link = Path.Combine(include, Path.GetFileName(folder));
            if (Directory.Exists(folder) && !Directory.Exists(link))
            {
                Directory.CreateSymbolicLink(link, folder);
            }
        }

        string built = Path.Combine(include, "crypto.o");
        Tools.Run(root, "arm-none-eabi-gcc", ["-std=c11", "-O2", "-mcpu=" + core.Target, "-mthumb", "-mfloat-abi=hard", "-mfpu=auto", "-I" + include, "-Ifirmware", "-Ifirmware/capsule", "-c", "firmware/port/mbedtls/crypto.c", "-o", built]);
        return Sections(built);
    }

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
        return _known[list] = Sections(Path.Combine(build, "engine-size.elf"));
    }

    // Code, constants and initialized data, as arm-none-eabi-size counts them.
    private long Sections(string file)
    {
        string[] figures = Tools.Run(root, "arm-none-eabi-size", [file]).Split('\n')[1].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(figures[0], CultureInfo.InvariantCulture) + long.Parse(figures[1], CultureInfo.InvariantCulture);
    }
}
