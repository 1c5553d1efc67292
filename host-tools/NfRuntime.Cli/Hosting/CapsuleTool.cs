using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Commands;
using NfRuntime.Cli.Errors;

namespace NfRuntime.Cli.Hosting;

/// <summary>The tool as a function: arguments in, exit code out. Nothing but its environment is written to.</summary>
internal static class CapsuleTool
{
    /// <summary>Runs one command line.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, ToolEnvironment environment, CancellationToken cancellation)
    {
        RootCommand root = CreateRoot(environment);
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0 && parsed.Action is ParseErrorAction or null)
        {
            return new ErrorReporter(environment, parsed).Report(UsageError(parsed));
        }

        var configuration = new InvocationConfiguration
        {
            Output = environment.Out,
            Error = environment.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        return await parsed.InvokeAsync(configuration, cancellation).ConfigureAwait(false);
    }

    /// <summary>The command tree.</summary>
    public static RootCommand CreateRoot(ToolEnvironment environment)
    {
        var root = new RootCommand("Builds, signs, tests and stores capsules: TinyML models for .NET nanoFramework devices.");
        foreach (Command command in CommandList.All(environment))
        {
            root.Add(command);
        }

        root.Add(GlobalOptions.Verbose);
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExampleHelp((HelpAction)help.Action!);
        root.SetAction(result => new HelpAction().Invoke(result));
        return root;
    }

    private static ToolException UsageError(ParseResult parsed)
    {
        string command = string.Join(' ', Path(parsed).Append("capsule").Reverse());
        string[] problems = [.. parsed.Errors.Select(error => error.Message).Distinct()];
        return new ToolException(ErrorCodes.CommandLine, problems[0], $"{command} --help shows what it takes, with an example.") { Further = problems[1..] };
    }

    private static IEnumerable<string> Path(ParseResult parsed)
    {
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Command: not RootCommand } named; at = at.Parent)
        {
            yield return named.Command.Name;
        }
    }
}
