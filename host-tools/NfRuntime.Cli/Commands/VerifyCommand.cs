using System.CommandLine;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Keys;
using NfRuntime.Cli.Output;
using NfRuntime.Images.Building;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Signing;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule verify: would a device that trusts these keys take the image?</summary>
internal sealed class VerifyCommand : ToolCommand
{
    private readonly Argument<string> _image = new("IMAGE") { Description = "An image: name:tag, digest, or its first 12 digits." };
    private readonly Option<string?> _root = new("--root-key") { Description = "The root's public key. Default: root.pub in the folder of keys.", HelpName = "FILE" };
    private readonly Option<string?> _list = new("--key-list") { Description = "The key list. Default: keys.nfrk in the folder of keys.", HelpName = "FILE" };
    private readonly Option<uint> _counter = new("--minimum-counter") { Description = "Refuse a security counter below this.", HelpName = "N" };
    private readonly Option<bool> _json = JsonOption();

    public VerifyCommand(ToolEnvironment environment)
        : base(
            environment,
            "verify",
            "Verifies an image as a device does: every blob, signature, name prefix, revocation and counter.",
            "capsule verify fashion:2",
            "capsule verify fashion:2 --root-key root.pub --key-list keys.nfrk --minimum-counter 2")
    {
        Add(_image);
        Add(_root);
        Add(_list);
        Add(_counter);
        Add(_json);
    }

    protected override Task<int> RunAsync(CommandContext context)
    {
        var home = new ToolHome(context.Environment);
        var keys = new KeyStore(home.Keys, context.Environment);
        KeyList list = KeyStore.LoadList(context.Value(_list) ?? keys.KeyListPath, context.Value(_root) ?? keys.RootPublicPath);
        var store = new ImageStore(home.Images);
        StoredImage stored = store.Find(context.Value(_image));
        CapsuleImage image = Trust.Verify(store, stored, list, context.Value(_counter));
        int blobs = store.Load(stored.Root).Blobs.Count;
        Write(context.Console, stored, image, list, blobs);
        return Task.FromResult(ExitCode.Success);
    }

    private static void Write(ToolConsole console, StoredImage stored, CapsuleImage image, KeyList list, int blobs)
    {
        console.Json(
            new VerifyShape(stored.Root.Digest.ToString(), image.Variants[0].Manifest.Name, blobs, list.Version, [.. image.Variants.Select(v => new VerifiedTargetShape(v.Target, v.Signer.Hex, v.Manifest.SecurityCounter))]),
            Shapes.Default.VerifyShape);
        foreach (CapsuleVariant variant in image.Variants)
        {
            console.Step("target", $"{variant.Target,-14} {console.Good("verified")}   key {variant.Signer.Hex}, may sign {variant.Manifest.Name}   counter {variant.Manifest.SecurityCounter}");
        }

        console.Step("blobs", $"{blobs,-14} {console.Good("intact")}     key list version {list.Version}");
        console.Line($" {(stored.Tags.Count == 0 ? "<none>" : stored.Tags[0])} sha256:{stored.Root.Digest.Short}");
    }
}
