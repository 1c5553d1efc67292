using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using NfRuntime.Cli.Commands;

namespace NfRuntime.Cli.Tests.Commands;

/// <summary>The commands that do something, with the words that lead to them.</summary>
internal static class CommandTree
{
    public static IEnumerable<(string Path, ToolCommand Command)> Leaves(Command above) => above.Subcommands.SelectMany(command => command is ToolCommand tool
        ? [(command.Name, tool)]
        : Leaves(command).Select(leaf => ($"{command.Name} {leaf.Path}", leaf.Command)));
}
