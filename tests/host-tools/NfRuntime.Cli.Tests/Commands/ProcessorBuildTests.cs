using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using NfRuntime.Cli.Tests.Harness;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;
using Xunit;

namespace NfRuntime.Cli.Tests.Commands;

/// <summary>Projects with managed code.</summary>
public class ProcessorBuildTests
{
    private static readonly string Dll = Repository.RequireBuilt("dotnet", "bin", "FashionProcessor", "release", "FashionProcessor.dll");

    public ProcessorBuildTests() => Repository.RequireRunner();

    [Fact]
    public async Task A_given_assembly_passes_the_gate_and_becomes_the_managed_section()
    {
        using Tool tool = await Tool.WithKeysAsync();
        string text = (await tool.RunAsync("build", Project(tool, "\"host\""), "-t", "fashion:2")).Succeeded();
        Assert.Matches("\n gate      Fashion.FashionProcessor  [0-9]+ references, all allowed\n", text);
        var store = new ImageStore(Path.Combine(tool.Home, "images"));
        ImageVariant variant = Assert.Single(store.Variants(store.Find("fashion:2").Root));
        Assert.Equal(File.ReadAllBytes(Dll), store.Fetch(variant.Manifest.Layers.Single(layer => layer.MediaType == MediaTypes.Of(SectionKind.Managed))));
        Assert.Equal("Fashion.FashionProcessor", ManifestReader.ReadUnverified(store.Fetch(variant.Manifest.Layers[0])).Processor);
    }

    [Fact]
    public async Task A_device_target_without_a_pe_fails_and_nothing_stands_in_for_it()
    {
        using Tool tool = await Tool.WithKeysAsync();
        string project = Project(tool, "\"host\", \"cortex-m4\"");
        (await tool.RunAsync("build", project)).Failed(3, "CAPSULE6004: Target cortex-m4 needs the processor as a .pe, and there is none.");
        (await tool.RunAsync("build", project, "--processor-pe", tool.Write("x.pe", "MZ no such thing"))).Failed(3, "CAPSULE6004");
        Assert.Empty(new ImageStore(Path.Combine(tool.Home, "images")).List());

        string pe = tool.Write("fashion.pe", "NFMRK2 stands for a real one: its content is checked on the device");
        (await tool.RunAsync("build", project, "-t", "fashion:2", "--processor-pe", pe)).Succeeded();
        var store = new ImageStore(Path.Combine(tool.Home, "images"));
        byte[][] managed = [.. store.Variants(store.Find("fashion:2").Root)
            .Select(variant => store.Fetch(variant.Manifest.Layers.Single(layer => layer.MediaType == MediaTypes.Of(SectionKind.Managed))))];
        Assert.Equal([File.ReadAllBytes(pe), File.ReadAllBytes(Dll)], managed);
    }

    [Fact]
    public async Task What_the_gate_finds_is_named()
    {
        using Tool tool = await Tool.WithKeysAsync();
        string project = Project(tool, "\"host\"");
        Tool.Edit(project, JsonSerializer.Serialize(Dll), JsonSerializer.Serialize(typeof(ProcessorBuildTests).Assembly.Location));
        string error = (await tool.RunAsync("build", project)).Failed(5, "CAPSULE6002: NfRuntime.Cli.Tests may not go to a device: ");
        Assert.Matches("[0-9]+ more problems: --verbose", error);
        Assert.Empty(new ImageStore(Path.Combine(tool.Home, "images")).List());
    }

    [Fact]
    public async Task A_type_that_is_not_there_is_named_with_those_that_are()
    {
        using Tool tool = await Tool.WithKeysAsync();
        string project = Project(tool, "\"host\"");
        Tool.Edit(project, "Fashion.FashionProcessor", "Fashion.Other");
        (await tool.RunAsync("build", project)).Failed(3, "CAPSULE6003: FashionProcessor has no processor Fashion.Other; it has Fashion.FashionProcessor.");
    }

    [Fact]
    [Trait("Speed", "long")]
    public async Task The_same_sources_in_two_folders_give_the_same_assembly()
    {
        using Tool tool = await Tool.WithKeysAsync();
        string[] digests = [await BuildFromSourceAsync(tool, "a"), await BuildFromSourceAsync(tool, "b/c/d")];
        Assert.Single(digests.Distinct());
    }

    [Fact]
    [Trait("Speed", "long")]
    public async Task What_the_gate_finds_in_a_project_has_file_and_line()
    {
        using Tool tool = await Tool.WithKeysAsync();
        string project = FromSource(tool, "bad");
        string file = Path.Combine(project, "FashionProcessor", "FashionProcessor.cs");
        string[] lines = [.. File.ReadAllLines(file), "/// <summary>Not for devices.</summary>", "public static class Bad", "{", "    public static object Matrix()", "    {", "        return new int[2, 3];", "    }", "}"];
        File.WriteAllLines(file, lines);
        string error = (await tool.RunAsync("build", project)).Failed(5, "CAPSULE6002: FashionProcessor may not go to a device: ");
        Assert.Contains($"FashionProcessor.cs:{lines.Length - 2}: ", error, StringComparison.Ordinal);
        Assert.Contains("[multi-dimensional-array]", error, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Speed", "long")]
    public async Task A_project_that_does_not_compile_shows_the_compilers_error()
    {
        using Tool tool = await Tool.WithKeysAsync();
        string project = FromSource(tool, "bad");
        File.AppendAllText(Path.Combine(project, "FashionProcessor", "FashionProcessor.cs"), "nonsense;");
        Assert.Contains("error CS", (await tool.RunAsync("build", project)).Failed(3, "CAPSULE6001: FashionProcessor.csproj does not build: "), StringComparison.Ordinal);
    }

    private static async Task<string> BuildFromSourceAsync(Tool tool, string folder)
    {
        string project = FromSource(tool, folder);
        using JsonDocument json = JsonDocument.Parse((await tool.RunAsync("build", project, "-t", "fashion:2", "--json")).Succeeded());
        return json.RootElement.GetProperty("digest").GetString()!;
    }

    private static string FromSource(Tool tool, string folder)
    {
        string project = Project(tool, "\"host\"", folder);
        string sources = Path.Combine(Repository.Fashion, "v2", "FashionProcessor");
        string copy = Path.Combine(project, "FashionProcessor");
        Directory.CreateDirectory(copy);
        File.Copy(Path.Combine(sources, "FashionProcessor.cs"), Path.Combine(copy, "FashionProcessor.cs"));
        string csproj = File.ReadAllText(Path.Combine(sources, "FashionProcessor.csproj"));
        File.WriteAllText(Path.Combine(copy, "FashionProcessor.csproj"), csproj.Replace("../../../../runtime", Path.Combine(Repository.Root, "runtime"), StringComparison.Ordinal));
        Tool.Edit(project, $"\"dll\": {JsonSerializer.Serialize(Dll)}", "\"project\": \"FashionProcessor/FashionProcessor.csproj\"");
        return project;
    }

    private static string Project(Tool tool, string targets, string folder = "p")
    {
        string images = Path.Combine(Repository.Fashion, "images", "*.raw");
        string file = tool.Write($"{folder}/capsule.json", $$"""
            {
              "name": "fashion", "version": "2", "counter": 2, "targets": [{{targets}}],
              "model": {{JsonSerializer.Serialize(Path.Combine(Repository.Fashion, "v2", "fashion_v2.tflite"))}},
              "labels": {{JsonSerializer.Serialize(Path.Combine(Repository.Fashion, "labels.txt"))}},
              "processor": { "dll": {{JsonSerializer.Serialize(Dll)}}, "type": "Fashion.FashionProcessor" },
              "vectors": { "inputs": {{JsonSerializer.Serialize(images)}}, "count": 2, "format": "uint8" }
            }
            """);
        return Path.GetDirectoryName(file)!;
    }
}
