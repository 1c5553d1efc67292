using System;
using System.IO;
using System.Text;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Hosting;

/// <summary>What the tool sees of the process around it; a test makes its own.</summary>
internal sealed class ToolEnvironment
{
    /// <summary>Standard input; read only where an option says so.</summary>
    public TextReader In { get; init; } = TextReader.Null;

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Whether standard output is a terminal: colours, progress bars.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Columns of the terminal that standard output is; null when it is none, or does not say: then lines are as long as they are.</summary>
    public int? OutWidth { get; init; }

    /// <summary>Whether standard error is a terminal.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Reads an environment variable; null when it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Compiles models; tests put a broken pass here, to see that a build refuses to sign.</summary>
    public Func<Graph, CompileOptions, CompiledPlan> Compiler { get; init; } = ModelCompiler.Compile;

    /// <summary>https://no-color.org: any non-empty NO_COLOR, or a terminal that can do nothing.</summary>
    public bool MayColor => string.IsNullOrEmpty(Variable("NO_COLOR")) && Variable("TERM") != "dumb";

    /// <summary>The real process.</summary>
    public static ToolEnvironment OfThisProcess() => new()
    {
        In = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false)),
        Out = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true },
        Error = new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false)) { AutoFlush = true },
        OutIsTerminal = !Console.IsOutputRedirected,
        OutWidth = Console.IsOutputRedirected ? null : TerminalWidth(),
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Variable = name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null,
    };

    // A pseudo-terminal without a size says 0.
    private static int? TerminalWidth()
    {
        try
        {
            return Console.WindowWidth is > 0 and int width ? width : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
