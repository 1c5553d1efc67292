using System.Threading.Tasks;
using NfRuntime.Cli.Fleet;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>Says when what the controller knows may be old.</summary>
internal static class BrokerCheck
{
    public static async Task NoteAsync(CommandContext context, FleetClient client)
    {
        if (!(await client.HealthAsync(context.Cancellation).ConfigureAwait(false)).Broker)
        {
            context.Console.Note(" The controller has lost its broker: this is what it knew last.");
        }
    }
}
