using System.CommandLine;
using System.CommandLine.Help;

namespace NfRuntime.Cli.Commands;

/// <summary>A word before commands, such as "store" in "capsule store inspect"; alone it shows its help.</summary>
internal sealed class CommandGroup : Command
{
    public CommandGroup(string name, string description, params ToolCommand[] commands)
        : base(name, description)
    {
        foreach (ToolCommand command in commands)
        {
            Add(command);
        }

        SetAction(result => new HelpAction().Invoke(result));
    }
}
