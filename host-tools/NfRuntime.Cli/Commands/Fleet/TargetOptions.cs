using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using NfRuntime.Cli.Errors;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>--to and --all.</summary>
internal sealed class TargetOptions
{
    private readonly Option<string[]> _to = new("--to") { Description = "Devices, separated by blanks or commas.", HelpName = "DEVICE", AllowMultipleArgumentsPerToken = true };
    private readonly Option<bool> _all = new("--all") { Description = "Every device of the fleet." };

    public void AddTo(Command command)
    {
        command.Add(_to);
        command.Add(_all);
    }

    /// <summary>The devices; null: all.</summary>
    /// <exception cref="ToolException">Both were given, or neither and <paramref name="required"/>.</exception>
    public IReadOnlyList<string>? Read(CommandContext context, bool required)
    {
        string[] to = [.. context.Value(_to).SelectMany(given => given.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct()];
        bool all = context.Value(_all);
        return to.Length > 0 == all && (required || all)
            ? throw new ToolException(ErrorCodes.OptionValue, all ? "--to and --all exclude each other." : "No device is named.", "--to DEVICE… names devices, --all means every one; capsule devices lists them.")
            : to.Length > 0 ? to : null;
    }
}
