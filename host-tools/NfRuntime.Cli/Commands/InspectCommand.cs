using System.CommandLine;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;
using NfRuntime.Images.Building;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule inspect: what an image says about itself.</summary>
internal sealed class InspectCommand : ToolCommand
{
    private readonly Argument<string> _image = new("IMAGE") { Description = "An image: name:tag, digest, or its first 12 digits." };
    private readonly Option<bool> _json = JsonOption();

    public InspectCommand(ToolEnvironment environment)
        : base(
            environment,
            "inspect",
            "Shows an image: its targets, needs, processing, sections and signer. Signatures are not checked: see verify.",
            "capsule inspect fashion:2",
            "capsule inspect 9b1f0c22a7e4 --json")
    {
        Add(_image);
        Add(_json);
    }

    protected override Task<int> RunAsync(CommandContext context)
    {
        var store = new ImageStore(new ToolHome(context.Environment).Images);
        StoredImage stored = store.Find(context.Value(_image));
        CapsuleImage image = CapsuleImage.Read(store, stored.Root);
        context.Console.Json(InspectText.ToShape(stored, image), Shapes.Default.InspectShape);
        Write(context.Console, stored, image);
        return Task.FromResult(ExitCode.Success);
    }

    private static void Write(ToolConsole console, StoredImage stored, CapsuleImage image)
    {
        CapsuleManifest first = image.Variants[0].Manifest;
        CapsuleConfig config = image.Variants[0].Config;
        console.Line($" {(stored.Tags.Count == 0 ? "<none>" : string.Join(", ", stored.Tags))} sha256:{stored.Root.Digest.Short}   {Figures.Size(image.Blobs.Values.Sum())}");
        console.Step("capsule", $"{first.Name} {first.Version}   security counter {first.SecurityCounter}");
        console.Step("model", $"{config.ModelName} sha256:{config.ModelDigest.Short}   compiled by {config.SdkVersion}");
        foreach (CapsuleVariant variant in image.Variants)
        {
            console.Line();
            Write(console, variant);
        }
    }

    private static void Write(ToolConsole console, CapsuleVariant variant)
    {
        CapsuleManifest manifest = variant.Manifest;
        CapsuleNeeds needs = manifest.Needs;
        console.Step("target", $"{variant.Target}   signed by key {variant.Signer.Hex}   manifest sha256:{variant.Descriptor.Digest.Short}");
        console.Step("needs", $"arena {Figures.Bytes(needs.ArenaBytes)}   state {Figures.Bytes(needs.StateBytes)}   stack {Figures.Bytes(needs.StackBytes)}"
            + (needs.InputCopyBytes == 0 ? string.Empty : $"   input copies {Figures.Bytes(needs.InputCopyBytes)}")
            + (needs.ManagedHeapBytes == 0 ? string.Empty : $"   managed heap {Figures.Bytes(needs.ManagedHeapBytes)}")
            + (needs.DeadlineMs == 0 ? string.Empty : $"   deadline {needs.DeadlineMs} ms"));
        console.Step("operators", string.Join(", ", manifest.Operators.Kinds().Select(kind => ((PlanKind)kind).ToString())));
        if (manifest.Capabilities != CapsuleCapabilities.None)
        {
            console.Step("may use", manifest.Capabilities.ToString());
        }

        foreach (string line in InspectText.Processing(manifest))
        {
            console.Step("process", line);
        }

        foreach (SectionEntry section in manifest.Sections)
        {
            console.Step("section", $"{InspectText.Name(section.Kind),-9} {Figures.Size(section.Size),10}   sha256:{section.Digest.Short}");
        }
    }
}
