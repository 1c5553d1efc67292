using System.Linq;
using NfRuntime.Cli.Errors;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Models;

/// <summary>Targets by the names that people type.</summary>
internal static class Targets
{
    /// <summary>host, cortex-m4, …</summary>
    public static string Names => string.Join(", ", TargetDescription.All.Select(target => target.Name));

    /// <exception cref="ToolException">There is no such target.</exception>
    public static TargetDescription ByName(string name) =>
        TargetDescription.All.FirstOrDefault(target => target.Name == name)
        ?? throw new ToolException(ErrorCodes.TargetUnknown, $"There is no target \"{name}\".", $"Known targets: {Names}.");
}
