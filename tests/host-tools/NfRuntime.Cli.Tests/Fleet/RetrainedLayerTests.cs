using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Tests.Harness;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images.Building;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;
using Xunit;

namespace NfRuntime.Cli.Tests.Fleet;

/// <summary>What a retrained last layer costs on the wire: deltas of all sections that changed, on a real keyword spotter.</summary>
public sealed class RetrainedLayerTests(ITestOutputHelper output)
{
    private const int InputBytes = 490; // 49 frames of 10 coefficients
    private const int MaxPercent = 10;

    public static TheoryData<string> Targets => ["cortex-m4", "host"];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task A_retrained_last_layer_costs_at_most_a_tenth_of_the_bytes(string target)
    {
        Repository.RequireRunner();
        byte[] model = await File.ReadAllBytesAsync(Repository.Shared("models/kws_ref_model.tflite"), TestContext.Current.CancellationToken);
        using Tool tool = await Tool.WithKeysAsync();
        (CapsuleManifest Manifest, ImageStore Store) old = await BuildAsync(tool, "1.0.0", model, target);
        (CapsuleManifest Manifest, ImageStore Store) retrained = await BuildAsync(tool, "2.0.0", Retrain(model), target);

        long whole = 0;
        long sent = 0;
        int changed = 0;
        foreach (SectionEntry section in retrained.Manifest.Sections)
        {
            whole += section.Size;
            SectionEntry from = old.Manifest.Section(section.Kind)!;
            if (from.Digest == section.Digest)
            {
                output.WriteLine($"{target} {section.Kind}: unchanged, 0 of {section.Size:N0} bytes");
                continue;
            }

            byte[] baseBlob = Fetch(old.Store, from);
            byte[] blob = Fetch(retrained.Store, section);
            byte[] delta = DeltaWriter.Write(baseBlob, blob);
            Assert.Equal(blob, DeltaFormat.Apply(delta, baseBlob));
            output.WriteLine($"{target} {section.Kind}: {delta.Length:N0} of {section.Size:N0} bytes");
            sent += delta.Length;
            changed++;
        }

        output.WriteLine($"{target}: {sent:N0} of {whole:N0} bytes of all sections = {100.0 * sent / whole:0.00} %");
        Assert.True(changed >= 2, "model and vectors must have changed");
        Assert.InRange(100 * sent, 1, MaxPercent * whole);
    }

    private static byte[] Fetch(ImageStore store, SectionEntry section) => store.Fetch(new Descriptor(MediaTypes.Of(section.Kind), section.Digest, section.Size));

    private static async Task<(CapsuleManifest Manifest, ImageStore Store)> BuildAsync(Tool tool, string version, byte[] model, string target)
    {
        string project = tool.Write($"v{version}/capsule.json", $$"""
            { "name": "kws", "version": "{{version}}", "counter": 1, "model": "kws.tflite", "targets": ["{{target}}"], "vectors": { "inputs": "*.raw", "count": 4 } }
            """);
        string folder = Path.GetDirectoryName(project)!;
        await File.WriteAllBytesAsync(Path.Combine(folder, "kws.tflite"), model);
        var random = new Random(1);
        for (int i = 0; i < 4; i++)
        {
            byte[] input = new byte[InputBytes];
            random.NextBytes(input);
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{i}.raw"), input);
        }

        (await tool.RunAsync("build", folder, "-t", "kws:" + version)).Succeeded();
        var store = new ImageStore(Path.Combine(tool.Home, "images"));
        CapsuleImage image = CapsuleImage.Read(store, store.Find("kws:" + version).Root);
        return (Assert.Single(image.Variants).Manifest, store);
    }

    // Every weight and every bias of the last fully connected layer becomes another one, of the same distribution.
    private static byte[] Retrain(byte[] model)
    {
        Graph graph = TfliteImporter.Import(model, "kws");
        Node last = graph.Nodes.Last(n => n.Attributes is FullyConnectedAttributes);
        byte[] retrained = [.. model];
        var random = new Random(2);
        foreach (ReadOnlyMemory<byte> constant in last.Inputs.Skip(1).Select(i => graph.Tensors[i].Data!.Value))
        {
            int at = model.AsSpan().IndexOf(constant.Span);
            Assert.True(at > 0 && model.AsSpan(at + 1).IndexOf(constant.Span) < 0, "the constant stands once in the file");
            byte[] shuffled = [.. constant.ToArray()];
            ShuffleElements(random, shuffled, graph.Tensors[last.Inputs[1]].Data!.Value.Length == constant.Length ? 1 : 4);
            shuffled.CopyTo(retrained, at);
        }

        return retrained;
    }

    private static void ShuffleElements(Random random, byte[] bytes, int size)
    {
        IEnumerable<byte[]> elements = bytes.Chunk(size).ToArray().OrderBy(_ => random.Next());
        elements.SelectMany(e => e).ToArray().CopyTo(bytes, 0);
    }
}
