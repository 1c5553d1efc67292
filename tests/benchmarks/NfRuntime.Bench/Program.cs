using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using NfRuntime.Bench;
using NfRuntime.Bench.Transport;

var coreOption = new Option<string>("--core") { Description = "Emulated core: m4", DefaultValueFactory = _ => "m4" };
coreOption.AcceptOnlyFromAmong([.. Core.All.Keys]);
var modelOption = new Option<FileInfo?>("--model") { Description = "A .tflite; without it all of ../shared/models" };
var jsonOption = new Option<bool>("--json") { Description = "One JSON object a line" };
var profileOption = new Option<bool>("--profile") { Description = "A row an operator: instructions, instructions per MAC, the peer's" };
var checkOption = new Option<bool>("--check") { Description = "Exit code 1 when a bar is missed" };
var rootOption = new Option<DirectoryInfo>("--root") { Hidden = true, Required = true };

var engine = new Command("engine", "Instructions, accesses, RAM, stack and code of one inference on an emulated core.\nExample: tests/bench engine --core m4 --model ../shared/models/kws_ref_model.tflite --json\nExample: tests/bench engine --profile --model ../shared/models/kws_ref_model.tflite") { coreOption, modelOption, jsonOption, profileOption, checkOption, rootOption };
engine.SetAction(parsed => Guarded(() => parsed.GetValue(profileOption)
    ? RunProfile(parsed.GetValue(rootOption)!.FullName, Core.All[parsed.GetValue(coreOption)!], parsed.GetValue(modelOption))
    : RunEngine(parsed.GetValue(rootOption)!.FullName, Core.All[parsed.GetValue(coreOption)!], parsed.GetValue(modelOption), parsed.GetValue(jsonOption), parsed.GetValue(checkOption))));
var memory = new Command("memory", "Arena and state of each model against the peer's, plan bytes against the model's constants.") { modelOption, rootOption };
memory.SetAction(parsed => RunMemory(parsed.GetValue(rootOption)!.FullName, parsed.GetValue(modelOption)));
var tool = new Command("tool", "Start and compile times of the capsule tool (wall clock: printed, never asserted).") { rootOption };
tool.SetAction(parsed => ToolBench.Print(Console.Out, parsed.GetValue(rootOption)!.FullName, SharedModels(parsed.GetValue(rootOption)!.FullName)));
var updateOption = new Option<bool>("--update") { Description = "Write what is measured into the file" };
var fileOption = new Option<FileInfo?>("--file") { Description = "Budgets; tests/benchmarks/budgets.csv by default" };
var budgets = new Command("budgets", "What each model costs against tests/benchmarks/budgets.csv; fails when a figure is more than 1 % above.") { coreOption, modelOption, updateOption, fileOption, rootOption };
budgets.SetAction(parsed => Guarded(() => RunBudgets(parsed.GetValue(rootOption)!.FullName, Core.All[parsed.GetValue(coreOption)!], parsed.GetValue(modelOption), parsed.GetValue(fileOption), parsed.GetValue(updateOption))));
var limitOption = new Option<int>("--limit") { Description = "Stack in bytes that a slice of every operator has to fit in, an exception's frame included" };
var elfOption = new Option<FileInfo?>("--elf") { Description = "Instead: the bound of one function of this Arm program" };
var functionOption = new Option<string>("--function") { Description = "Its name", DefaultValueFactory = _ => "main" };
var stack = new Command("stack", "The static bound of the stack for each operator, and against painting for each model.") { coreOption, modelOption, limitOption, elfOption, functionOption, rootOption };
stack.SetAction(parsed => Guarded(() => parsed.GetValue(elfOption) is { } elf ? PrintBound(elf, parsed.GetValue(functionOption)!) : RunStack(parsed.GetValue(rootOption)!.FullName, Core.All[parsed.GetValue(coreOption)!], parsed.GetValue(modelOption), parsed.GetValue(limitOption))));
var plansOption = new Option<int>("--plans") { Description = "How many plans", DefaultValueFactory = _ => 1000 };
var budgetOption = new Option<uint>("--budget") { Description = "Instructions a slice", DefaultValueFactory = _ => 200_000 };
var slices = new Command("slices", "Whether slices of generated plans keep to their budget, counted on the emulated core.") { coreOption, plansOption, budgetOption, rootOption };
slices.SetAction(parsed => Guarded(() => new SliceBench(parsed.GetValue(rootOption)!.FullName, Core.All[parsed.GetValue(coreOption)!]).Print(Console.Out, parsed.GetValue(plansOption), parsed.GetValue(budgetOption)) ? 0 : 1));
var store = new Command("store", "The store: boot, write amplification and wear per geometry, code, RAM, flash time of a swap.") { coreOption, jsonOption, checkOption, rootOption };
store.SetAction(parsed => Guarded(() => RunStore(parsed.GetValue(rootOption)!.FullName, Core.All[parsed.GetValue(coreOption)!], parsed.GetValue(jsonOption), parsed.GetValue(checkOption))));
var devicesOption = new Option<int>("--devices") { Description = "How many virtual devices start together", DefaultValueFactory = _ => 200 };
var transport = new Command("transport", "Bytes on the wire of updates: a fleet that starts together, a distributor killed, lossy links, deltas, rollback; on a real broker.") { devicesOption, jsonOption, checkOption, rootOption };
transport.SetAction(parsed => Guarded(() => RunTransport(parsed.GetValue(rootOption)!.FullName, parsed.GetValue(devicesOption), parsed.GetValue(jsonOption), parsed.GetValue(checkOption))));
return new RootCommand("nf-runtime's benchmarks.") { engine, memory, tool, budgets, stack, slices, store, transport }.Parse(args).Invoke();

static string SharedModels(string root) => Path.Combine(Directory.GetParent(root)!.FullName, "shared", "models");

static string[] Files(string root, FileInfo? model)
{
    string shared = SharedModels(root);
    string[] files = model is not null ? [model.FullName] : Directory.Exists(shared) ? [.. Directory.GetFiles(shared, "*.tflite").Order(StringComparer.Ordinal)] : [];
    if (files.Length == 0)
    {
        Console.Error.WriteLine("bench: ../shared/models is missing; name a model with --model FILE");
    }

    return files;
}

static int RunMemory(string root, FileInfo? model)
{
    string[] files = Files(root, model);
    return files.Length == 0 ? 2 : MemoryBench.Print(Console.Out, files) == 0 ? 0 : 1;
}

static int RunBudgets(string root, Core core, FileInfo? model, FileInfo? file, bool update)
{
    string[] files = Files(root, model);
    if (files.Length == 0)
    {
        return 2;
    }

    string path = file?.FullName ?? Path.Combine(root, "tests", "benchmarks", "budgets.csv");
    var bench = new EngineBench(root, core, SharedModels(root));
    List<EngineRow> rows = [.. files.Select(bench.Measure)];
    if (update)
    {
        List<BudgetRow> others = File.Exists(path) ? BudgetFile.Read(path).Where(b => b.Core != core.Name || rows.All(r => r.Model != b.Model)).ToList() : [];
        BudgetFile.Write(path, [.. others, .. rows.Select(r => BudgetFile.Of(r, core.Name))]);
        return 0;
    }

    var budget = new BudgetBench(Console.Out, path, core);
    rows.ForEach(budget.Compare);
    if (model is null)
    {
        EngineBars.Of(rows).ToList().ForEach(budget.Hold);
    }

    return budget.Finish(rows.ConvertAll(r => r.Model), model is null) ? 0 : 1;
}

static int PrintBound(FileInfo elf, string function)
{
    Console.WriteLine(new StackBound(new CodeImage(elf.FullName)).Function(function));
    return 0;
}

static int RunStack(string root, Core core, FileInfo? model, int limit)
{
    string[] files = Files(root, model);
    return files.Length == 0 ? 2 : new StackBench(root, core).Print(Console.Out, files, limit) ? 0 : 1;
}

static int RunProfile(string root, Core core, FileInfo? model)
{
    string[] files = Files(root, model);
    if (files.Length == 0)
    {
        return 2;
    }

    var bench = new ProfileBench(root, core, SharedModels(root));
    foreach (string file in files)
    {
        bench.Print(Console.Out, file);
    }

    return 0;
}

static int RunEngine(string root, Core core, FileInfo? model, bool json, bool check)
{
    string[] files = Files(root, model);
    if (files.Length == 0)
    {
        return 2;
    }

    var bench = new EngineBench(root, core, SharedModels(root));
    long crypto = bench.CryptoBytes();
    List<EngineRow> rows = [];
    foreach (string file in files)
    {
        rows.Add(bench.Measure(file));
        if (json)
        {
            Console.WriteLine(EngineTable.Json(rows[^1], core.Name, bench.Kernels, crypto));
        }
    }

    if (!json)
    {
        string budgets = Path.Combine(root, "tests", "benchmarks", "budgets.csv");
        List<BudgetRow> was = [.. (File.Exists(budgets) ? BudgetFile.Read(budgets) : []).Where(b => b.Core == core.Name)];
        EngineTable.Print(Console.Out, rows, $"{core.Name} under QEMU, {bench.Kernels} kernels", crypto, was);
    }

    return rows.Any(r => r.Mismatches != 0) || (check && EngineBars.Of(rows).Any(b => b.IsMissed)) ? 1 : 0;
}

static int RunStore(string root, Core core, bool json, bool check)
{
    StoreFigures figures = new StoreBench(root, core).Measure();
    if (json)
    {
        IEnumerable<object> rows = [.. figures.Boots, .. figures.Steady, .. figures.Swaps, figures.Size];
        rows.Select(StoreBench.Json).ToList().ForEach(Console.WriteLine);
    }
    else
    {
        new StoreTable(Console.Out).Print(figures, core.Name);
    }

    return check && StoreBars.Of(figures).Any(b => b.IsMissed) ? 1 : 0;
}

static int RunTransport(string root, int devices, bool json, bool check)
{
    string shared = SharedModels(root);
    if (!Directory.Exists(shared))
    {
        Console.Error.WriteLine("bench: ../shared/models is missing");
        return 2;
    }

    void Print(TransportRow row) => Console.WriteLine(json ? System.Text.Json.JsonSerializer.Serialize(row) : row.ToString());
    var bench = new TransportBench(root, shared, devices);
    IReadOnlyList<TransportRow> rows = bench.Run(Print);
    SwapRow swap = bench.Swap();
    Console.WriteLine(json ? System.Text.Json.JsonSerializer.Serialize(swap) : swap.ToString());
    return check && rows.Any(r => r.IsMissed) ? 1 : 0; // of bytes: time is printed, since others share the machine
}

// What stops a benchmark is said in one line.
static int Guarded(Func<int> run)
{
    try
    {
        return run();
    }
    catch (Exception e) when (e is ToolException or IOException or NfRuntime.Model.Execution.RunnerException or NfRuntime.Model.Import.ModelImportException or NfRuntime.Model.Plan.CompileException)
    {
        Console.Error.WriteLine("bench: " + e.Message);
        return 1;
    }
}
