using System.CommandLine;
using System.IO;
using System.Threading.Tasks;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Models;
using NfRuntime.Cli.Output;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule compile: a model to an execution plan, and what it costs.</summary>
internal sealed class CompileCommand : ToolCommand
{
    private readonly Argument<string> _model = new("MODEL") { Description = "A .tflite file." };
    private readonly Option<string> _target = new("--target", "-t") { Description = $"Processor: {Targets.Names}.", HelpName = "T", DefaultValueFactory = _ => "host" };
    private readonly Option<string?> _output = new("--output", "-o") { Description = "Write the plan to this file.", HelpName = "FILE" };
    private readonly Option<bool> _report = new("--report") { Description = "List every operator with its MACs, weights and arena." };
    private readonly Option<bool> _layers = new("--layers") { Description = "Keep every operator of the model apart, as test --layers does: nothing fused, eliminated or in place." };
    private readonly Option<bool> _json = JsonOption();

    public CompileCommand(ToolEnvironment environment)
        : base(
            environment,
            "compile",
            "Compiles a model to the plan that a device executes, and says what it costs.",
            "capsule compile samples/fashion/v2/fashion_v2.tflite --target cortex-m4 --report",
            "capsule compile model.tflite --target host -o model.nfrp --json")
    {
        Add(_model);
        Add(_target);
        Add(_output);
        Add(_report);
        Add(_layers);
        Add(_json);
    }

    protected override async Task<int> RunAsync(CommandContext context)
    {
        TargetDescription target = Targets.ByName(context.Value(_target));
        string path = context.Value(_model);
        Graph graph = await ModelFile.ImportAsync(path, context.Cancellation).ConfigureAwait(false);
        CompiledPlan plan = context.Environment.Compiler(graph, new CompileOptions { Target = target, KeepAllTensors = context.Value(_layers) });
        string? file = context.Value(_output);
        if (file is not null)
        {
            NamedFile.RequirePlace(file);
            await AtomicFile.WriteAsync(file, plan.Blob, context.Cancellation).ConfigureAwait(false);
        }

        context.Console.Json(CompileText.ToShape(Path.GetFileName(path), target.Name, plan, file), Shapes.Default.CompileShape);
        Write(context, Path.GetFileName(path), target.Name, plan, file);
        return 0;
    }

    private void Write(CommandContext context, string model, string target, CompiledPlan plan, string? file)
    {
        ToolConsole console = context.Console;
        if (context.Value(_report))
        {
            console.Line($" {model} for {target}");
            CompileText.WriteReport(console, plan);
        }
        else
        {
            console.Step("import", $"{model,-24} {CompileText.Work(plan.Report)}");
            console.Step("compile", $"{target,-24} {CompileText.Costs(plan.Report)}");
        }

        if (file is not null)
        {
            console.Step("plan", $"{file,-24} {Figures.Bytes(plan.Blob.Length)}");
        }
    }
}
