using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Boards;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Models;
using NfRuntime.Cli.Projects;
using NfRuntime.Images;
using NfRuntime.Images.Building;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Signing;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Building;

/// <summary>From a project to a signed image: import, compile, prove, gate, sign. What cannot be proved is not signed.</summary>
internal sealed class CapsuleBuilder(ToolEnvironment environment, IBuildObserver observer)
{
    /// <summary>Builds; nothing is written outside temporary folders.</summary>
    /// <param name="project">The project.</param>
    /// <param name="processorPe">A .pe that wins over the project's, or null.</param>
    /// <param name="signer">Signs the capsule manifests.</param>
    /// <param name="cancellation">Set by Ctrl-C.</param>
    /// <exception cref="ToolException">Something about the project, or a result that is not the reference's.</exception>
    /// <exception cref="CapsuleBuildException">A value that a device would refuse.</exception>
    public async Task<BuildResult> BuildAsync(CapsuleProject project, string? processorPe, ISigner signer, CancellationToken cancellation)
    {
        if (!File.Exists(project.Model))
        {
            throw new ToolException(ErrorCodes.ProjectFile, $"There is no model {project.Model}.", "Check \"model\" in capsule.json.");
        }

        Graph graph = await ModelFile.ImportAsync(project.Model, cancellation).ConfigureAwait(false);
        (string Target, CompiledPlan Plan)[] plans = [.. project.Targets.Select(target => (target, Compile(graph, target)))];
        observer.Imported(Path.GetFileName(project.Model), graph.Nodes.Count, plans[0].Plan.Report.Macs);
        observer.Compiled(plans);
        Processing processing = Processing.Fold(project, graph);
        IReadOnlyDictionary<string, GoldenVectors> vectors = await ProveAsync(project, graph, plans, processing, cancellation).ConfigureAwait(false);
        ManagedCode? managed = await ManagedCodeGate.PassAsync(project, processorPe, cancellation).ConfigureAwait(false);
        if (managed is not null)
        {
            observer.Gated(managed);
        }

        CapsuleBuildInput input = new ImageInput(project, processing, managed, LabelText.Read(project)).Create(
            await ModelDigestAsync(project, cancellation).ConfigureAwait(false),
            [.. plans.Select(plan => (plan.Target, plan.Plan, vectors[plan.Target]))]);
        BuiltImage image = CapsuleImageBuilder.Build(input, signer);
        observer.Signed(signer.PublicKey.Id.Hex, project.Counter);
        return new BuildResult(image, signer.PublicKey.Id.Hex);
    }

    private static async Task<Digest> ModelDigestAsync(CapsuleProject project, CancellationToken cancellation) =>
        Digest.Of(await File.ReadAllBytesAsync(project.Model, cancellation).ConfigureAwait(false));

    private CompiledPlan Compile(Graph graph, string target) =>
        environment.Compiler(graph, new CompileOptions { Target = Targets.ByName(target) });

    private async Task<IReadOnlyDictionary<string, GoldenVectors>> ProveAsync(
        CapsuleProject project, Graph graph, IReadOnlyList<(string Target, CompiledPlan Plan)> plans, Processing processing, CancellationToken cancellation)
    {
        string[] files = SampleFiles.Find(project.Vectors);
        IReadOnlyList<ReferenceVector> reference = ReferenceVectors.Compute(graph, files, new TensorMaker(graph, processing.Pre), project.Vectors.Format);
        using Board board = BoardList.Open(BoardList.Host, environment);
        var proved = new Dictionary<string, GoldenVectors>();
        foreach ((string target, CompiledPlan plan) in plans)
        {
            proved.Add(target, await TargetProof.ProveAsync(board, target, plan, reference, cancellation).ConfigureAwait(false));
        }

        observer.Proved(files.Length, Path.GetRelativePath(project.Folder, project.Vectors.Inputs));
        return proved;
    }
}
