using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Boards;
using NfRuntime.Cli.Commands;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Evaluation;
using NfRuntime.Cli.Output;
using NfRuntime.Model.Execution;

namespace NfRuntime.Cli.Models;

/// <summary>Runs a model on the host's engine with raw input tensors.</summary>
internal static class ModelRun
{
    private const int Best = 3;

    /// <summary>One inference a file; the state is reset before each.</summary>
    /// <exception cref="ToolException">A file does not have the size of the model's inputs.</exception>
    public static async Task<RunShape> RunAsync(string model, IReadOnlyList<string> inputs, CommandContext context)
    {
        using Board board = BoardList.Open(BoardList.Host, context.Environment);
        PlanSource plan = await ModelOrImage.OpenAsync(model, board.Target, context).ConfigureAwait(false);
        var job = new RunJob(plan.Blob, [.. inputs.Select(input => new RunCase(Read(input, plan), ResetState: true))]);
        RunResult result = await board.RunAsync(job, context.Cancellation).ConfigureAwait(false);
        return new RunShape(plan.Name, null, null, [.. inputs.Zip(result.Cases, (input, run) => Predict(input, plan, run))]);
    }

    private static byte[] Read(string path, PlanSource plan)
    {
        var file = new FileInfo(path);
        return file.Length == plan.InputBytes
            ? File.ReadAllBytes(path)
            : throw new ToolException(ErrorCodes.InputSize, $"{path} has {file.Length:N0} bytes; the inputs of {plan.Name} take {plan.InputBytes:N0}.", "Give raw input tensors; an image with declared processing takes samples.");
    }

    private static PredictionShape Predict(string input, PlanSource plan, RunCaseResult run)
    {
        if (run.Error != 0)
        {
            throw new ToolException(ErrorCodes.BoardFailed, $"{plan.Name} failed on {input}: {EngineErrors.Describe(run.Error)}.", "Report this with the model.");
        }

        PlanTensorInfo output = plan.Outputs[0];
        byte[] tensor = run.Output[..output.Bytes].ToArray();
        IEnumerable<int> best = Enumerable.Range(0, output.Elements).OrderByDescending(i => Classes.Element(tensor, output.Type, i)).ThenBy(i => i).Take(Best);
        ClassShape[] classes = [.. best.Select(i => new ClassShape(i, null, output.Dequantize(Classes.Element(tensor, output.Type, i))))];
        return new PredictionShape(input, classes, classes[0].Index, null, null);
    }
}
