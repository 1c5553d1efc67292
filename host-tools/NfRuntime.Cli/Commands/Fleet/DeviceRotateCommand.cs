using System.CommandLine;
using System.Security.Cryptography;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule device rotate: a new certificate; the old one ends.</summary>
internal sealed class DeviceRotateCommand : FleetCommand
{
    private readonly Argument<string> _device = new("DEVICE") { Description = "A device of the fleet." };
    private readonly Option<string?> _csr = new("--csr") { Description = "The device's own request (PKCS#10, PEM or DER). Without: the key is made here.", HelpName = "FILE" };
    private readonly Option<string> _out = new("--out") { Description = "Folder for DEVICE.crt and ca.crt, and for DEVICE.key without --csr.", HelpName = "DIR", Required = true };

    public DeviceRotateCommand(ToolEnvironment environment)
        : base(environment, "rotate", "Gives a device a new certificate; the one before is revoked.", "capsule device rotate gateway-07 --out keys/gateway-07", "capsule device rotate gateway-07 --csr gateway-07.csr --out keys/gateway-07")
    {
        Add(_device);
        Add(_csr);
        Add(_out);
        AddFleetOptions();
    }

    protected override async Task<int> RunAsync(CommandContext context, FleetClient client)
    {
        string device = context.Value(_device);
        using ECDsa? key = context.Value(_csr) is null ? DeviceIdentity.NewKey() : null;
        string request = key is null ? DeviceIdentity.ReadRequest(context.Value(_csr)!) : DeviceIdentity.Request(device, key);
        FleetIdentity identity = await client.RotateAsync(device, request, context.Cancellation).ConfigureAwait(false);
        IdentityText.Write(context.Console, await DeviceIdentity.WriteAsync(context.Value(_out), device, key, identity, context.Cancellation).ConfigureAwait(false));
        return ExitCode.Success;
    }
}
