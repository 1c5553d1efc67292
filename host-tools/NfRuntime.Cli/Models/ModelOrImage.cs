using System.IO;
using System.Threading.Tasks;
using NfRuntime.Cli.Commands;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Models;

/// <summary>What a command takes where it says MODEL|IMAGE: a .tflite file.</summary>
internal static class ModelOrImage
{
    /// <summary>The plan of a model, compiled for <paramref name="target"/>.</summary>
    public static async Task<PlanSource> OpenAsync(string name, string target, CommandContext context)
    {
        Graph graph = await ModelFile.ImportAsync(name, context.Cancellation).ConfigureAwait(false);
        CompiledPlan plan = ModelCompiler.Compile(graph, new CompileOptions { Target = Targets.ByName(target) });
        return PlanSource.Read(Path.GetFileName(name), target, plan.Blob);
    }
}
