using System.Linq;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Plan;

namespace NfRuntime.Bench;

/// <summary>Measures the engine on an emulated core with an instruction-counting plugin.</summary>
internal sealed class EngineBench(string root, Core core, string models)
{
    private readonly EngineSize _size = new(root, core);
    private readonly Emulation _emulation = new(root, core);

    /// <summary>The backend that is measured.</summary>
    public string Kernels => _emulation.Kernels;

    /// <summary>Bytes of the crypto port; see <see cref="EngineSize.Crypto"/>.</summary>
    public long CryptoBytes() => _size.Crypto();

    /// <summary>Measures one .tflite.</summary>
    public EngineRow Measure(string file)
    {
        var model = new BenchModel(file, core);
        PlanReport report = model.Plan.Report;
        (RunResult result, EmulationCounts counts) = model.Run(_emulation);
        RunCounts run = counts.Runs[^1];
        (_, EmulationCounts whole) = model.Run(_emulation, uint.MaxValue);
        return new()
        {
            Model = model.Name,
            Macs = report.Macs,
            Instructions = run.Instructions,
            Accesses = run.Accesses,
            FlashRead = run.Read,
            ArenaBytes = result.ArenaBytes,
            StateBytes = result.StateBytes,
            ContextBytes = result.ContextBytes,
            Stack = result.Cases.Max(c => c.StackBytes),
            EngineBytes = _size.Measure(model.Plan.Operators.Select(o => OperatorFile(o.Kind))),
            Mismatches = model.Mismatches(result),
            LoadInstructions = counts.Loads[0],
            Operators = model.Plan.Operators.Count,
            Channels = model.Channels(),
            PlanBytes = report.PlanBytes,
            ConstantBytes = report.ModelConstantBytes,
            Slices = run.Steps,
            LongestSlice = run.LongestStep,
            UnslicedInstructions = whole.Runs[^1].Instructions,
            Peer = PeerFigures.Read(models, model.Name, core.PeerKey),
        };
    }

    /// <summary>Operators of firmware/engine/operators.cmake are named as the plan's kinds, in lower case.</summary>
    public static string OperatorFile(PlanKind kind) => kind switch
    {
        PlanKind.Conv2D => "conv_2d",
        PlanKind.DepthwiseConv2D => "depthwise_conv_2d",
        PlanKind.FullyConnected => "fully_connected",
        PlanKind.AveragePool2D => "average_pool_2d",
        PlanKind.MaxPool2D => "max_pool_2d",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
