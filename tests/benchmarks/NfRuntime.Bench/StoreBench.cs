using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace NfRuntime.Bench;

/// <summary>The store on modelled flash (tests/benchmarks/store) and on the emulated core.</summary>
internal sealed class StoreBench
{
    private const int Slots = 257;

    private static readonly JsonSerializerOptions _names = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    // Chip, size of the blob region, replacements, workload. Erase counts of 4 KB blocks need laps for their spread to show.
    private static readonly (string Chip, long Bytes, int Replacements, string Workload)[] _histories =
    [
        ("nor-4k", 4 << 20, 4000, "uniform"), ("nor-4k", 4 << 20, 4000, "cold"),
        ("encrypted-4k-16", 4 << 20, 3000, "uniform"), ("encrypted-4k-32", 4 << 20, 3000, "uniform"),
        ("nor-2k-1k", 4 << 20, 1000, "uniform"), ("ecc-2k-8", 4 << 20, 1000, "uniform"),
        ("words-32k-4", 4 << 20, 1000, "uniform"), ("words-32k-4", 4 << 20, 1000, "cold"),
        ("ecc-64k-8", 4 << 20, 1000, "uniform"), ("ecc-128k-32", 16 << 20, 1000, "uniform"),
        ("words-256k-4", 16 << 20, 1000, "uniform"), ("mixed-32k-256k", 16 << 20, 1000, "uniform"), ("mixed-4k-256k", 16 << 20, 1000, "cold"),
    ];

    private static readonly string[] _swapChips = ["nor-4k", "encrypted-4k-16", "encrypted-4k-32", "nor-2k-1k", "ecc-2k-8", "words-32k-4", "ecc-64k-8", "ecc-128k-32", "words-256k-4"];

    private readonly string _root;
    private readonly Core _core;
    private readonly string _coreFolder;
    private readonly string _simulator;
    private readonly string _plugin;
    private readonly string _work;

    public StoreBench(string root, Core core)
    {
        _root = root;
        _core = core;
        string firmware = Path.Combine(root, "artifacts", "firmware"), host = Path.Combine(firmware, "store-host");
        _coreFolder = Path.Combine(firmware, core.BuildFolder);
        _simulator = Path.Combine(host, "nfr-store-sim");
        _plugin = Path.Combine(firmware, "icount.so");
        _work = Path.Combine(firmware, "store-bench");
        Directory.CreateDirectory(_work);
        Tools.Run(root, "cmake", "-S", "firmware", "-B", host);
        Tools.Run(root, "cmake", "--build", host, "--target", "nfr-store-sim", "-j2");
        Tools.Run(root, "cmake", ["-S", "firmware", "-B", _coreFolder, .. core.CMakeArguments]);
        Tools.Run(root, "cmake", "--build", _coreFolder, "--target", "store-boot.elf", "-j2");
        Tools.Run(root, "gcc", "-O2", "-Wall", "-shared", "-fPIC", "-o", _plugin, Path.Combine("tests", "benchmarks", "icount", "icount.c"));
    }

    /// <summary>Measures everything.</summary>
    /// <exception cref="ToolException">A program failed: the store did, or the flash model found a violation of the port's contract.</exception>
    public StoreFigures Measure()
    {
        List<StoreBoot> boots = [.. new[] { (8, 1L), (16, 1L), (32, 1L), (64, 1L), (64, 4L), (64, 16L) }.Select(b => Boot(b.Item1, b.Item2 << 20))];
        List<StoreSteady> steady = [.. _histories.AsParallel().AsOrdered().WithDegreeOfParallelism(2).Select(h => Simulate<StoreSteady>("steady", h.Chip, Number(h.Bytes), Number(h.Replacements), h.Workload))];
        List<StoreSwap> swaps = [.. _swapChips.Select(c => Simulate<StoreSwap>("swap", c))];
        List<BudgetRow> models = [.. BudgetFile.Read(Path.Combine(_root, "tests", "benchmarks", "budgets.csv")).Where(b => b.Core == _core.Name)];
        return new(boots, steady, swaps, new StoreCode(_root, _core, Path.Combine(_coreFolder, "store", "libnfr_store.a"), _work).Measure(), models);
    }

    /// <summary>One row for scripts, with names in snake case.</summary>
    public static string Json(object row) => JsonSerializer.Serialize(row, _names);

    private T Simulate<T>(params string[] arguments) =>
        JsonSerializer.Deserialize<T>(Tools.Run(_root, _simulator, arguments), _names) ?? throw new ToolException($"nfr-store-sim {string.Join(' ', arguments)} said nothing");

    // The journal that took the most to read on the host is read on the core; both have to count the same.
    private StoreBoot Boot(int capsules, long blobBytes)
    {
        string journal = Path.Combine(_work, "journal.bin"), counts = Path.Combine(_work, "counts.txt"), log = Path.Combine(_work, "log.txt");
        StoreBoot boot = Simulate<StoreBoot>("boot", Number(capsules), Number(blobBytes), journal);
        string elf = Path.Combine(_coreFolder, "store-boot.elf");
        Dictionary<string, ulong> symbols = Tools.Symbols(elf);
        string plugin = string.Create(CultureInfo.InvariantCulture, $"file={_plugin},begin=0x{symbols["nfr_bench_begin"]:x},end=0x{symbols["nfr_bench_end"]:x},out={counts}");
        Tools.Run(_work, "qemu-system-arm", [.. _core.QemuArguments, "-nographic", "-monitor", "none", "-serial", "none", "-chardev", "file,id=log,path=" + log, "-semihosting-config", $"enable=on,target=native,chardev=log,arg=store-boot,arg={journal},arg={Number(blobBytes)},arg={Number(Slots)}", "-kernel", elf, "-plugin", plugin]);
        Dictionary<string, long> said = File.ReadLines(log).Select(l => l.Split(' ')).Where(w => w.Length == 2).ToDictionary(w => w[0], w => long.Parse(w[1], CultureInfo.InvariantCulture));
        if (said["error"] != 0 || said["read"] + said["blobs"] != boot.ReadMost || said["written"] != 0 || said["live"] != boot.Live)
        {
            throw new ToolException($"mounting {capsules} capsules on the core is not what it is on the host: {string.Join(", ", said.Select(s => $"{s.Key} {s.Value}"))}; host: {boot}");
        }

        return boot with { Instructions = Emulation.Parse(File.ReadLines(counts)).Runs.Single().Instructions };
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
