using System.Collections.Generic;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Commands;

/// <summary>Every command of the tool, in the order of help.</summary>
internal static class CommandList
{
    public static IEnumerable<ToolCommand> All(ToolEnvironment environment) =>
    [
        new BuildCommand(environment),
        new CompileCommand(environment),
        new RunCommand(environment),
        new TestCommand(environment),

        new EvalCommand(environment),
        new ImagesCommand(environment),
        new TagCommand(environment),
        new RmCommand(environment),
        new InspectCommand(environment),
        new HistoryCommand(environment),
        new SaveCommand(environment),
        new LoadCommand(environment),
        new VerifyCommand(environment),
        new KeygenCommand(environment),
    ];
}
