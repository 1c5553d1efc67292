using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace NfRuntime.Bench;

/// <summary>Code, RAM and stack of firmware/store on the core: a program of every function of nfr_store.h and nfr_lifecycle.h and what these need.</summary>
/// <param name="root">The checkout.</param>
/// <param name="core">The core.</param>
/// <param name="library">libnfr_store.a as the firmware's build makes it for the core.</param>
/// <param name="work">Folder for what is linked.</param>
internal sealed partial class StoreCode(string root, Core core, string library, string work)
{
    private static readonly string[] _machine = ["-mthumb", "-mfloat-abi=hard", "-mfpu=auto"];

    // As in firmware/cmake.
    private static readonly string[] _flags = ["-std=c11", "-fno-strict-aliasing", "-ffunction-sections", "-fdata-sections", "-Ifirmware", "-Ifirmware/store", "-Ifirmware/capsule", "-Ifirmware/engine", "-Ifirmware/interop"];

    // Sentences for people: a device reports the number of a reason, who shows it explains it.
    private const string Explaining = "nfr_reason_text";

    public StoreSize Measure()
    {
        List<string> all = [.. Functions()], functions = [.. all.Where(f => f != Explaining)];
        string[] speed = ["-O2", .. _flags, .. Directory.GetFiles(Path.Combine(root, "firmware", "store"), "*.c")];
        string program = Link("program", functions, [library, "--specs=nano.specs"]);
        Dictionary<string, long> ram = Objects();
        (string deepest, int stack) = Deepest(program, functions);
        return new(Own("size", functions, library), Own("speed", functions, speed), Own("all", all, library), Sections(program), ram["nfr_ram_store"], ram["nfr_ram_index"], stack, deepest, Device(), ram["nfr_ram_device"]);
    }

    // Names of what the two headers declare.
    private IEnumerable<string> Functions() => new[] { "nfr_store.h", "nfr_lifecycle.h" }.SelectMany(h => Functions("store", h)).Distinct();

    private IEnumerable<string> Functions(string room, string header) =>
        Declared().Matches(Comments().Replace(File.ReadAllText(Path.Combine(root, "firmware", room, header)), string.Empty)).Select(m => m.Groups[1].Value);

    // What firmware/interop puts around store and facade for managed code.
    private long Device()
    {
        string interop = Path.Combine(root, "firmware", "interop");
        string[] sources = [Path.Combine(interop, "native_store.c"), .. Directory.GetFiles(interop, "device*.c")];
        return Own("device", [.. Functions("interop", "nfr_device.h").Where(f => f.StartsWith("nfr_device_", System.StringComparison.Ordinal)).Distinct()], ["-Os", .. _flags, .. sources]);
    }

    // Without the C library, which the rest of the firmware has anyway: linked to one object, of which only what the functions need is kept.
    private long Own(string name, List<string> functions, params string[] what) => Sections(Link(name, functions, [.. what, "-nostdlib", "-r"]));

    private string Link(string name, List<string> functions, string[] what)
    {
        string elf = Path.Combine(work, $"store-{name}.elf");
        Tools.Run(root, "arm-none-eabi-gcc", ["-mcpu=" + core.Target, .. _machine, "-nostartfiles", "-Wl,--gc-sections", "-Wl,--no-warn-rwx-segments", "-Wl,-e," + functions[0], .. functions.Select(f => "-Wl,-u," + f), .. what, "-o", elf]);
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
        Tools.Run(root, "arm-none-eabi-gcc", ["-mcpu=" + core.Target, .. _machine, .. _flags, "-c", Path.Combine("tests", "benchmarks", "store", "ram.c"), "-o", built]);
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
