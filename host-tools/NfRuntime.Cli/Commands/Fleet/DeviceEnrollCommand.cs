using System.CommandLine;
using System.Security.Cryptography;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule device enroll: a claim for a device that makes its own key, or key and certificate for one that cannot.</summary>
internal sealed class DeviceEnrollCommand : FleetCommand
{
    private const int MaxMinutes = 7 * 24 * 60;
    private readonly Argument<string> _device = new("DEVICE") { Description = "Its name: a-z, 0-9 and -, at most 32 characters." };
    private readonly Option<int> _minutes = new("--minutes") { Description = "How long the claim can be used, once.", DefaultValueFactory = _ => 60, HelpName = "N" };
    private readonly Option<string?> _out = new("--out") { Description = "Make the key here, for a board that cannot, and write DEVICE.key, DEVICE.crt and ca.crt into this folder.", HelpName = "DIR" };

    public DeviceEnrollCommand(ToolEnvironment environment)
        : base(
            environment,
            "enroll",
            "Lets a device in: prints a claim token that it can use once, or makes its key and certificate here.",
            "capsule device enroll gateway-07",
            "capsule device enroll gateway-08 --out keys/gateway-08")
    {
        Add(_device);
        Add(_minutes);
        Add(_out);
        AddFleetOptions();
    }

    protected override async Task<int> RunAsync(CommandContext context, FleetClient client)
    {
        string device = context.Value(_device);
        if (context.Value(_minutes) is < 1 or > MaxMinutes)
        {
            throw new ToolException(ErrorCodes.OptionValue, $"--minutes: {context.Value(_minutes)} is no time for a claim.", $"1 … {MaxMinutes} minutes.");
        }

        FleetClaim claim = await client.ClaimAsync(device, context.Value(_minutes), context.Cancellation).ConfigureAwait(false);
        if (context.Value(_out) is { } folder)
        {
            using ECDsa key = DeviceIdentity.NewKey();
            FleetIdentity identity = await client.EnrolAsync(new EnrolRequest(claim.Token, device, DeviceIdentity.Request(device, key)), context.Cancellation).ConfigureAwait(false);
            IdentityText.Write(context.Console, await DeviceIdentity.WriteAsync(folder, device, key, identity, context.Cancellation).ConfigureAwait(false));
            return ExitCode.Success;
        }

        context.Console.Json(new ClaimResult(device, claim.Token, claim.Expires, client.Url.ToString()), FleetResults.Default.ClaimResult);
        context.Console.Line($" {device} can enrol once until {claim.Expires.ToLocalTime():HH:mm} with the token {claim.Token}");
        context.Console.Line($" echo {claim.Token} >token && nfr-device serve --name {device} --enrol {client.Url.ToString().TrimEnd('/')} --token-file token …");
        return ExitCode.Success;
    }
}
