using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Boards;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Models;
using NfRuntime.Cli.Output;
using NfRuntime.Cli.Testing;
using NfRuntime.Images.Capsule;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule test: models against golden files, on the host's engine or a board.</summary>
internal sealed class TestCommand : ToolCommand
{
    private readonly Argument<string> _model = new("MODEL|IMAGE") { Description = "A .tflite file, a folder of models with golden files, or an image, which without --golden is tested with its own vectors." };
    private readonly Option<string?> _golden = new("--golden") { Description = "Golden file, or a folder of them. Default: M.json beside M.tflite, or in golden/.", HelpName = "FILE" };
    private readonly Option<bool> _layers = new("--layers") { Description = "Compare every operator's output: take golden files from golden/layers/." };
    private readonly Option<string> _board = new("--on") { Description = $"Where to run: {BoardList.Names}.", HelpName = "BOARD", DefaultValueFactory = _ => BoardList.Host };
    private readonly Option<string?> _target = new("--target", "-t") { Description = "Compile for this target instead of the board's.", HelpName = "T" };
    private readonly Option<bool> _json = JsonOption();

    public TestCommand(ToolEnvironment environment)
        : base(
            environment,
            "test",
            "Compiles models, runs them and compares with golden files, bit for bit.",
            "capsule test ../shared/models/kws_ref_model.tflite --golden ../shared/models/golden/kws_ref_model.json",
            "capsule test ../shared/models --layers --on qemu-mps2-an386",
            "capsule test ../shared/models/ops",
            "capsule test fashion:1 --on qemu-mps2-an386")
    {
        Add(_model);
        Add(_golden);
        Add(_layers);
        Add(_board);
        Add(_target);
        Add(_json);
    }

    protected override async Task<int> RunAsync(CommandContext context)
    {
        string path = context.Value(_model);
        using Board board = BoardList.Open(context.Value(_board), context.Environment);
        string target = context.Value(_target) ?? board.Target;
        IReadOnlyList<TestOutcome> outcomes = Directory.Exists(path) || ModelOrImage.IsModel(path)
            ? await TestModelsAsync(context, board, target).ConfigureAwait(false)
            : [await TestImageAsync(context, board, target).ConfigureAwait(false)];
        context.Console.Json(TestText.ToShape(board.Name, target, outcomes), Shapes.Default.TestShape);
        TestText.Write(context.Console, outcomes, context.Verbose);
        if (outcomes.All(outcome => outcome.LeftOut is not null))
        {
            throw new ToolException(ErrorCodes.NothingToTest, $"Every model of {path} was left out.", "Name a folder with models that are supported.");
        }

        return outcomes.Any(outcome => outcome.Failed > 0) ? ExitCode.Failed : ExitCode.Success;
    }

    private async Task<IReadOnlyList<TestOutcome>> TestModelsAsync(CommandContext context, Board board, string target)
    {
        string path = context.Value(_model);
        IReadOnlyList<GoldenPair> pairs = GoldenPairs.Find(path, context.Value(_golden), context.Value(_layers));
        var tester = new GoldenTester(board, Targets.ByName(target));
        return Directory.Exists(path)
            ? await TestAllAsync(context, tester, pairs).ConfigureAwait(false)
            : [await tester.TestAsync(pairs[0], context.Cancellation).ConfigureAwait(false)];
    }

    private async Task<TestOutcome> TestImageAsync(CommandContext context, Board board, string target)
    {
        (PlanSource plan, GoldenVectors? vectors) = ModelOrImage.OpenImage(context.Value(_model), target, context.Environment);
        var tester = new ImageTester(board, plan);
        if (context.Value(_golden) is { } golden)
        {
            return await tester.TestGoldenAsync(golden, context.Cancellation).ConfigureAwait(false);
        }

        return vectors is not null
            ? await tester.TestVectorsAsync(vectors, context.Cancellation).ConfigureAwait(false)
            : throw new ToolException(ErrorCodes.NothingToTest, $"{plan.Name} has no golden vectors.", "Name a golden file with --golden FILE.");
    }

    private static Task<IReadOnlyList<TestOutcome>> TestAllAsync(CommandContext context, GoldenTester tester, IReadOnlyList<GoldenPair> pairs) =>
        Progress.RunAsync<IReadOnlyList<TestOutcome>>(context.Environment, context.Console, "test", pairs.Count, async progress =>
        {
            var outcomes = new List<TestOutcome>(pairs.Count);
            foreach (GoldenPair pair in pairs)
            {
                outcomes.Add(await tester.TestOrLeaveOutAsync(pair, context.Cancellation).ConfigureAwait(false));
                progress.Report(outcomes.Count);
            }

            return outcomes;
        });
}
