using System.Collections.Generic;
using System.CommandLine;
using System.Threading.Tasks;
using NfRuntime.Cli.Boards;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Evaluation;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Models;
using NfRuntime.Cli.Output;
using NfRuntime.Model.Golden;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule eval: how often a classifier is right.</summary>
internal sealed class EvalCommand : ToolCommand
{
    private readonly Argument<string> _model = new("MODEL|IMAGE") { Description = "A .tflite file, or an image." };
    private readonly Option<string> _inputs = new("--inputs") { Description = "Raw input tensors, one after the other.", HelpName = "FILE", Required = true };
    private readonly Option<string?> _labels = new("--labels") { Description = "JSON: an array of class numbers, or an object with the inputs file's name as key and \"labels\" in it.", HelpName = "FILE" };
    private readonly Option<string?> _golden = new("--golden") { Description = "Expected outputs, compared bit for bit.", HelpName = "FILE" };
    private readonly Option<string> _board = new("--on") { Description = $"Where to run: {BoardList.Names}.", HelpName = "BOARD", DefaultValueFactory = _ => BoardList.Host };
    private readonly Option<bool> _json = JsonOption();

    public EvalCommand(ToolEnvironment environment)
        : base(
            environment,
            "eval",
            "Runs a classifier over labelled inputs and prints its accuracy.",
            "capsule eval ../shared/models/kws_ref_model.tflite --inputs ../shared/models/samples/kws01_1000x490_int8.bin --labels ../shared/models/samples/samples.json",
            "capsule eval model.tflite --inputs heldout.bin --labels heldout.json --golden outputs.json")
    {
        Add(_model);
        Add(_inputs);
        Add(_labels);
        Add(_golden);
        Add(_board);
        Add(_json);
    }

    protected override async Task<int> RunAsync(CommandContext context)
    {
        string inputs = context.Value(_inputs);
        if (context.Value(_labels) is null && context.Value(_golden) is null)
        {
            throw new ToolException(ErrorCodes.CommandLine, "eval needs something to compare with.", "Give --labels FILE, --golden FILE or both.");
        }

        using Board board = BoardList.Open(context.Value(_board), context.Environment);
        PlanSource plan = await ModelOrImage.OpenAsync(context.Value(_model), board.Target, context).ConfigureAwait(false);
        byte[] records = Evaluator.ReadRecords(inputs, plan.InputBytes);
        int count = records.Length / plan.InputBytes;
        var evaluator = new Evaluator(board, plan);
        IReadOnlyList<int>? labels = context.Value(_labels) is { } file ? LabelFile.Read(file, inputs) : null;
        if (labels is not null)
        {
            evaluator.CheckLabels(labels, count);
        }

        GoldenSamples? golden = context.Value(_golden) is { } goldenFile ? LoadGolden(goldenFile, count) : null;
        Evaluation.Evaluation result = await Progress.RunAsync(context.Environment, context.Console, "eval", count, progress =>
            evaluator.RunAsync(records, labels, golden, progress, context.Cancellation)).ConfigureAwait(false);
        Write(context.Console, plan.Name, board.Name, result);
        return result.GoldenMatches is { } matches && matches < count ? ExitCode.Failed : ExitCode.Success;
    }

    private static GoldenSamples LoadGolden(string path, int count)
    {
        GoldenSamples golden = GoldenSamples.Load(path);
        return golden.Outputs.Count == count
            ? golden
            : throw new ToolException(ErrorCodes.GoldenFile, $"{path} has {golden.Outputs.Count} outputs for {count} inputs.", "Is it of these inputs?");
    }

    private static void Write(ToolConsole console, string model, string board, Evaluation.Evaluation result)
    {
        double? accuracy = result.Right is { } right ? (double)right / result.Records : null;
        console.Json(new EvalShape(model, board, result.Records, result.Right, accuracy, result.GoldenMatches), Shapes.Default.EvalShape);
        console.Line($" {model} on {board}, {Figures.Plural(result.Records, "input")}");
        if (accuracy is { } ratio)
        {
            console.Line($" {"accuracy",-9} {Figures.Ratio(ratio)}   {Figures.Count(result.Right!.Value)} of {Figures.Count(result.Records)} right");
        }

        if (result.GoldenMatches is { } matches)
        {
            string first = result.FirstDifference < 0 ? string.Empty : $"; the first that differs is input {result.FirstDifference}";
            console.Line($" {"golden",-9} {Figures.Count(matches)} of {Figures.Count(result.Records)} outputs are bit-exact{first}");
        }
    }
}
