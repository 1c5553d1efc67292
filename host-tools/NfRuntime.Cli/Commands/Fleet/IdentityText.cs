using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Output;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>Where a device's key and certificate were written.</summary>
internal static class IdentityText
{
    public static void Write(ToolConsole console, IdentityResult result)
    {
        console.Json(result, FleetResults.Default.IdentityResult);
        if (result.Key is not null)
        {
            console.Step("key", $"{result.Key}   the device's alone: move it there, and keep no copy");
        }

        console.Step("certificate", $"{result.Certificate}   CA {result.Ca}");
        console.Step("broker", $"{result.Broker}   tenant {result.Tenant}");
    }
}
