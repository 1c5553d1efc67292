using System.Collections.Generic;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Commands;

/// <summary>Every command of the tool, in the order of help.</summary>
internal static class CommandList
{
    public static IEnumerable<ToolCommand> All(ToolEnvironment environment) =>
    [
        new CompileCommand(environment),
        new TestCommand(environment),

        new EvalCommand(environment),
        new KeygenCommand(environment),
    ];
}
