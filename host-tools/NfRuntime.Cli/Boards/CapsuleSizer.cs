using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Commands;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Models;
using NfRuntime.Images.Building;
using NfRuntime.Images.Oci;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Boards;

/// <summary>Finds out what models and images take, for one board after the other; plans are compiled once for boards alike.</summary>
/// <param name="context">The command.</param>
/// <param name="cases">Golden vectors of a capsule.</param>
internal sealed class CapsuleSizer(CommandContext context, int cases) : IDisposable
{
    private const int BudgetError = -8; // NFR_ERR_BUDGET
    private readonly Dictionary<(string, string), CompiledPlan> _plans = [];
    private readonly Dictionary<string, Graph> _graphs = [];
    private readonly Dictionary<(string, long), long?> _slices = [];
    private readonly RunnerClient? _runner = Checkout.FindFile(context.Environment, RunnerLocator.Variable, "artifacts", "firmware", "host", "nfr-runner") is { } path ? new RunnerClient(path) : null;

    /// <summary>Whether the length of slices can be found out: the engine has to be built for that.</summary>
    public bool KnowsSlices => _runner is not null;

    /// <summary>What <paramref name="name"/>, a model or an image, takes on a board.</summary>
    /// <exception cref="ToolException">There is no such model, or the image has no such target.</exception>
    /// <exception cref="ModelImportException">It cannot be imported.</exception>
    public async Task<CapsuleSizes> SizeAsync(string name, BoardFile board)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        if (!ModelOrImage.IsModel(name))
        {
            return SizeOfImage(name, board.Cpu.Name);
        }

        if (!_graphs.TryGetValue(name, out Graph? graph))
        {
            _graphs[name] = graph = await ModelFile.ImportAsync(name, context.Cancellation).ConfigureAwait(false);
        }

        CompiledPlan plan = Compile(name, graph, board.Cpu);
        return CapsuleSizes.Of(Path.GetFileNameWithoutExtension(name), plan, cases, Slice(name, graph, board.Capsules.SliceInstructions));
    }

    public void Dispose() => _runner?.Dispose();

    private CapsuleSizes SizeOfImage(string name, string target)
    {
        var store = new ImageStore(new ToolHome(context.Environment).Images);
        CapsuleVariant variant = ModelOrImage.VariantOf(store, store.Find(name), target, name);
        IEnumerable<long> sections = variant.Manifest.Sections.Select(section => (long)section.Size);
        return new CapsuleSizes(name, [variant.Descriptor.Size, .. sections], variant.Manifest.Needs.ArenaBytes, variant.Manifest.Needs.StateBytes, null);
    }

    private CompiledPlan Compile(string name, Graph graph, TargetDescription target)
    {
        (string, string) key = (name, string.Join(',', target.Layouts));
        if (!_plans.TryGetValue(key, out CompiledPlan? plan))
        {
            _plans[key] = plan = context.Environment.Compiler(graph, new CompileOptions { Target = target });
        }

        return plan;
    }

    // The engine estimates units at load: it is asked, with the plan of plain weights, which is the one with the longest units.
    private long? Slice(string name, Graph graph, long limit)
    {
        if (_runner is null)
        {
            return null;
        }

        if (!_slices.TryGetValue((name, limit), out long? slice))
        {
            _slices[(name, limit)] = slice = LongestUnit(Compile(name, graph, TargetDescription.Host), limit);
        }

        return slice;
    }

    // 0: within the limit. Else between what is refused and what is not, to one part in 64.
    private long LongestUnit(CompiledPlan plan, long limit)
    {
        if (Loads(plan, limit))
        {
            return 0;
        }

        (long refused, long loads) = (limit, limit);
        while (loads == refused)
        {
            loads = Math.Min(refused * 2, uint.MaxValue);
            (refused, loads) = Loads(plan, loads) || loads == uint.MaxValue ? (refused, loads) : (loads, loads);
        }

        while (loads - refused > Math.Max(1, loads / 64))
        {
            long middle = (loads + refused) / 2;
            (refused, loads) = Loads(plan, middle) ? (refused, middle) : (middle, loads);
        }

        return loads;
    }

    private bool Loads(CompiledPlan plan, long limit)
    {
        var input = new byte[plan.Inputs.Sum(tensor => tensor.Bytes)];
        RunResult result = _runner!.Run(new RunJob(plan.Blob, [new RunCase(input, true)]) { MaxSlice = (uint)limit, OutputBytes = false });
        return result.LoadError is 0 or BudgetError
            ? result.LoadError == 0
            : throw new ToolException(ErrorCodes.BoardFailed, $"nfr-runner refused the plan: {EngineErrors.Describe(result.LoadError)}.", "Build the firmware of this checkout again.");
    }
}
