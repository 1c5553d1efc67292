using System.CommandLine;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule why: what happened last on a device, in sentences.</summary>
internal sealed class WhyCommand : FleetCommand
{
    private readonly Argument<string> _device = new("DEVICE") { Description = "The device." };
    private readonly Option<string?> _capsule = new("--capsule") { Description = "Of one capsule.", HelpName = "NAME" };

    public WhyCommand(ToolEnvironment environment)
        : base(environment, "why", "Says what happened last on a device: why a version was refused, rejected or rolled back.", "capsule why gateway-01", "capsule why gateway-01 --capsule fashion")
    {
        Add(_device);
        Add(_capsule);
        AddFleetOptions();
    }

    protected override async Task<int> RunAsync(CommandContext context, FleetClient client)
    {
        FleetWhy why = await client.WhyAsync(context.Value(_device), context.Value(_capsule), context.Cancellation).ConfigureAwait(false);
        context.Console.Json(why, FleetResults.Default.FleetWhy);
        foreach (string sentence in why.Sentences)
        {
            context.Console.Line($" {sentence}");
        }

        if (!string.IsNullOrEmpty(why.Remedy))
        {
            context.Console.Line($" {why.Remedy}");
        }

        return ExitCode.Success;
    }
}
