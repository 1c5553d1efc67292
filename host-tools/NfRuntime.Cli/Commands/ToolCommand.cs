using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;

namespace NfRuntime.Cli.Commands;

/// <summary>A command with examples; what it throws becomes an error line and an exit code.</summary>
internal abstract class ToolCommand : Command
{
    private readonly ToolEnvironment _environment;

    protected ToolCommand(ToolEnvironment environment, string name, string description, params string[] examples)
        : base(name, description)
    {
        _environment = environment;
        Examples = examples;
        SetAction(InvokeAsync);
    }

    /// <summary>Command lines that work as they stand.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>Does the work; the result is the exit code.</summary>
    protected abstract Task<int> RunAsync(CommandContext context);

    protected static Option<bool> JsonOption() => new(GlobalOptions.JsonName) { Description = "Print JSON instead of text." };

    private async Task<int> InvokeAsync(ParseResult parsed, CancellationToken cancellation)
    {
        try
        {
            return await RunAsync(new CommandContext(_environment, parsed, cancellation)).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // the last line of defence: whatever it is becomes one error line
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new ErrorReporter(_environment, parsed).Report(ErrorMapper.Map(exception, cancellation));
        }
    }
}

/// <summary>What a command works with.</summary>
/// <param name="Environment">The process around the tool.</param>
/// <param name="Parsed">The command line.</param>
/// <param name="Cancellation">Set by Ctrl-C.</param>
internal sealed record CommandContext(ToolEnvironment Environment, ParseResult Parsed, CancellationToken Cancellation)
{
    /// <summary>Where results go.</summary>
    public ToolConsole Console { get; } = new(Environment, GlobalOptions.IsJson(Parsed));

    public bool Verbose => GlobalOptions.IsVerbose(Parsed);

    public T Value<T>(Option<T> option) => Parsed.GetValue(option)!;

    public T Value<T>(Argument<T> argument) => Parsed.GetValue(argument)!;
}
