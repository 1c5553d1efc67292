using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace NfRuntime.Bench;

/// <summary>Code, RAM and stack of firmware/store on the core: a program of every function of nfr_store.h and nfr_lifecycle.h and what these need.</summary>
internal sealed partial class StoreCode(string root, Core core, string work)
{
    // As in firmware/cmake.
    private static readonly string[] _flags = ["-std=c11", "-fno-strict-aliasing", "-ffunction-sections", "-fdata-sections", "-mthumb", "-mfloat-abi=hard", "-mfpu=auto", "-Ifirmware", "-Ifirmware/store", "-Ifirmware/capsule"];

    // Behind -Os, as in firmware/store/CMakeLists.txt.
    private static readonly string[] _forSize = ["-fno-move-loop-invariants", "-fno-schedule-insns2", "-fno-if-conversion", "-fno-inline-small-functions"];

    // Sentences for people: a device reports the number of a reason, who shows it explains it.
    private const string Explaining = "nfr_reason_text";

    public StoreSize Measure()
    {
        List<string> all = [.. Functions()], functions = [.. all.Where(f => f != Explaining)];
        string program = Link("-Os", functions, "--specs=nano.specs");
        Dictionary<string, long> ram = Objects();
        (string deepest, int stack) = Deepest(program, functions);
        return new(Own("-Os", functions), Own("-O2", functions), Own("-Os", all), Sections(program), ram["nfr_ram_store"], ram["nfr_ram_index"], stack, deepest);
    }

    // Names of what the two headers declare.
    private IEnumerable<string> Functions() => new[] { "nfr_store.h", "nfr_lifecycle.h" }
        .SelectMany(h => Declared().Matches(Comments().Replace(File.ReadAllText(Path.Combine(root, "firmware", "store", h)), string.Empty)))
        .Select(m => m.Groups[1].Value).Distinct();

    // Without the C library, which the rest of the firmware has anyway: linked to one object, of which only what the functions need is kept.
    private long Own(string optimization, List<string> functions) => Sections(Link(optimization, functions, "-nostdlib", "-r"));

    private string Link(string optimization, List<string> functions, params string[] library)
    {
        string elf = Path.Combine(work, $"store{optimization}{library[^1]}.elf");
        string[] sources = Directory.GetFiles(Path.Combine(root, "firmware", "store"), "*.c");
        Tools.Run(root, "arm-none-eabi-gcc", ["-mcpu=" + core.Target, optimization, .. optimization == "-Os" ? _forSize : [], .. _flags, .. sources, "-nostartfiles", .. library, "-Wl,--gc-sections", "-Wl,--no-warn-rwx-segments", "-Wl,-e," + functions[0], .. functions.Select(f => "-Wl,-u," + f), "-o", elf]);
        return elf;
    }

    private long Sections(string elf)
    {
        string[] figures = Tools.Run(root, "arm-none-eabi-size", elf).Split('\n')[1].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(figures[0], CultureInfo.InvariantCulture) + long.Parse(figures[1], CultureInfo.InvariantCulture);
    }

    // nm -S: address size type name
    private Dictionary<string, long> Objects()
    {
        string built = Path.Combine(work, "ram.o");
        Tools.Run(root, "arm-none-eabi-gcc", ["-mcpu=" + core.Target, "-Os", .. _flags, "-c", Path.Combine("tests", "benchmarks", "store", "ram.c"), "-o", built]);
        return Tools.Run(root, "arm-none-eabi-nm", "-S", built).Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length == 4)
            .ToDictionary(w => w[3], w => long.Parse(w[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    private static (string Function, int Bytes) Deepest(string elf, IEnumerable<string> functions)
    {
        var bound = new StackBound(new CodeImage(elf));
        return functions.Select(f => (f, bound.WithoutCallbacks(f))).MaxBy(d => d.Item2);
    }

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comments();

    [GeneratedRegex(@"\b(nfr_[a-z0-9_]+)\(")]
    private static partial Regex Declared();
}
