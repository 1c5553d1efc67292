using System;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule logs: what devices say.</summary>
internal sealed class LogsCommand : FleetCommand
{
    private readonly Argument<string?> _device = new("DEVICE") { Description = "One device. Default: all.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _follow = new("--follow", "-f") { Description = "Go on until Ctrl-C." };
    private readonly Option<string?> _capsule = new("--capsule") { Description = "Only lines about this capsule.", HelpName = "NAME" };

    public LogsCommand(ToolEnvironment environment)
        : base(environment, "logs", "Shows what devices log: fetches, tests, trials, swaps, refusals. With --json one object a line.", "capsule logs -f", "capsule logs gateway-01 --json")
    {
        Add(_device);
        Add(_follow);
        Add(_capsule);
        AddFleetOptions();
    }

    protected override async Task<int> RunAsync(CommandContext context, FleetClient client)
    {
        try
        {
            await foreach (FleetEvent happened in client.EventsAsync(0, context.Value(_device), context.Value(_follow), context.Cancellation).ConfigureAwait(false))
            {
                if (happened.Name == "log")
                {
                    Write(context, happened);
                }
            }
        }
        catch (OperationCanceledException) when (context.Cancellation.IsCancellationRequested && context.Value(_follow))
        {
            // Ctrl-C is how following ends.
        }

        return ExitCode.Success;
    }

    private void Write(CommandContext context, FleetEvent happened)
    {
        FleetLog log = Read(happened.Data);
        if (context.Value(_capsule) is { } capsule && log.Capsule != capsule)
        {
            return;
        }

        if (context.Console.IsJson)
        {
            context.Environment.Out.WriteLine(JsonSerializer.Serialize(log, FleetShapes.Default.FleetLog));
            return;
        }

        string time = log.At?.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture) ?? "        ";
        string level = log.Level is "error" or "warning" ? context.Console.Bad(log.Level.PadRight(7)) : log.Level.PadRight(7);
        context.Console.Line($" {time}  {log.Device,-12}  {level}  {log.Capsule,-12}  {log.Sentence}");
    }

    private static FleetLog Read(string data)
    {
        try
        {
            return JsonSerializer.Deserialize(data, FleetShapes.Default.FleetLog) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new ToolException(ErrorCodes.FleetAnswer, "The controller sent a log entry that is none.", "Tool and controller should be of one version.", e);
        }
    }
}
