using System.CommandLine;
using System.Text.Json;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;

namespace NfRuntime.Cli.Errors;

/// <summary>Writes an error to standard error: a sentence and a remedy, or with --json one JSON object.</summary>
internal sealed class ErrorReporter(ToolEnvironment environment, ParseResult parsed)
{
    /// <returns>The exit code.</returns>
    public int Report(ToolException error)
    {
        if (GlobalOptions.IsJson(parsed))
        {
            ReportJson(error);
        }
        else
        {
            ReportText(error);
        }

        return error.Code.Exit;
    }

    private void ReportJson(ToolException error)
    {
        var shape = new ErrorShape(error.Code.Name, error.Message, error.Remedy, error.Further);
        environment.Error.WriteLine(JsonSerializer.Serialize(shape, CompactShapes.Default.ErrorShape));
    }

    private void ReportText(ToolException error)
    {
        bool verbose = GlobalOptions.IsVerbose(parsed);
        string name = environment.ErrorIsTerminal && environment.MayColor ? $"\u001b[31m{error.Code.Name}\u001b[0m" : error.Code.Name;
        environment.Error.WriteLine($"{name}: {Printable.Line(error.Message)}");
        string more = verbose || error.Further.Count == 0 ? string.Empty
            : $" {error.Further.Count} more {(error.Further.Count == 1 ? "problem" : "problems")}: --verbose.";
        environment.Error.WriteLine($"  {Printable.Line(error.Remedy)}{more}");
        if (!verbose)
        {
            return;
        }

        foreach (string further in error.Further)
        {
            environment.Error.WriteLine($"  also: {Printable.Line(further)}");
        }

        environment.Error.WriteLine((error.InnerException ?? error).ToString());
    }
}
