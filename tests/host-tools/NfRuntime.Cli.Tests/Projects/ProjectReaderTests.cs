using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Projects;
using NfRuntime.Cli.Tests.Harness;
using NfRuntime.Images.Capsule;
using Xunit;

namespace NfRuntime.Cli.Tests.Projects;

public class ProjectReaderTests
{
    private const string Valid = """
        {
          "name": "acme/kws",
          "version": "1.2.0+b",
          "counter": 7,
          "model": "m.tflite",
          "targets": ["host", "cortex-m4"],
          "labels": "labels.txt",
          "processing": {
            "pre": [{ "input": 1, "source": "int16", "scale": 0.5, "mean": [1, 2], "deviation": 3, "hop": 160 }],
            "post": { "output": 1, "topK": 2, "threshold": 0.75, "debounce": { "needed": 2, "window": 3 } }
          },
          "vectors": { "inputs": "in/*.raw", "count": 3 },
          "capabilities": ["math", "adc"],
          "needs": { "deadlineMs": 40, "stackBytes": 900, "managedHeapBytes": 1, "inputCopyBytes": 2 },
          "key": "acme"
        }
        """;

    [Fact]
    public void Every_property_arrives()
    {
        using var tool = new Tool();
        CapsuleProject project = Read(tool, Valid);
        string folder = tool.File(".").TrimEnd('.', '/');
        Assert.Equal(("acme/kws", "1.2.0+b", 7u, "acme"), (project.Name, project.Version, project.Counter, project.Key));
        Assert.Equal((Path.Combine(folder, "m.tflite"), Path.Combine(folder, "labels.txt")), (project.Model, project.Labels));
        Assert.Equal(["host", "cortex-m4"], project.Targets);
        DeclaredInput input = Assert.Single(project.Pre);
        Assert.Equal((1, SampleSource.Int16, 160), (input.Input, input.Source, input.Hop));
        Assert.Equal([new ChannelNormalization(0.5, 1, 3), new ChannelNormalization(0.5, 2, 3)], input.Channels);
        Assert.Equal(new DeclaredOutput(1, 2, 0.75, new Debounce(2, 3), Labelled: true), project.Post);
        Assert.Equal(new VectorSource(Path.Combine(folder, "in", "*.raw"), 3, VectorFormat.Samples), project.Vectors);
        Assert.Equal(CapsuleCapabilities.Math | CapsuleCapabilities.Adc, project.Capabilities);
        Assert.Equal(new DeclaredNeeds(900, 40, 1, 2), project.Needs);
    }

    [Theory]
    [InlineData("\"counter\": 7", "\"count\": 7", 4, "property \"count\" is unknown")]
    [InlineData("\"topK\": 2", "\"topk\": 2", 10, "property \"processing.post.topk\" is unknown")]
    [InlineData("\"source\": \"int16\"", "\"source\": \"int24\"", 9, "property \"processing.pre[0].source\" is \"int24\"; expected one of uint8, int8, int16, float32")]
    [InlineData("\"source\": \"int16\", ", "", 9, "property \"processing.pre[0]\" is missing; expected one of uint8")]
    [InlineData("\"counter\": 7", "\"counter\": -1", 4, "property \"counter\" is -1; expected an integer from 0 to 4294967295")]
    [InlineData("\"counter\": 7", "\"counter\": 4294967296", 4, "property \"counter\" is 4294967296")]
    [InlineData("\"counter\": 7", "\"counter\": 1.5", 4, "property \"counter\" is 1.5")]
    [InlineData("\"counter\": 7", "\"counter\": \"7\"", 4, "property \"counter\" is \"7\"")]
    [InlineData("\"counter\": 7", "\"counter\": null", 4, "property \"counter\" is null")]
    [InlineData("acme/kws", "Acme", 2, "property \"name\" is \"Acme\"; expected 1 to 64 of a-z 0-9")]
    [InlineData("1.2.0+b", "", 3, "property \"version\" is \"\"")]
    [InlineData("\"host\", \"cortex-m4\"", "\"host\", \"host\"", 6, "property \"targets\" names a target twice")]
    [InlineData("\"host\", \"cortex-m4\"", "", 6, "property \"targets\" names no target")]
    [InlineData("\"host\", \"cortex-m4\"", "\"host\", \"m4\"", 6, "property \"targets[1]\" is \"m4\"; expected one of host, cortex-m4")]
    [InlineData("[\"host\", \"cortex-m4\"]", "\"host\"", 6, "property \"targets\" is \"host\"; expected an array")]
    [InlineData("\"m.tflite\"", "[]", 5, "property \"model\" is no text")]
    [InlineData("\"model\": \"m.tflite\",", "", 1, "the project has no \"model\"")]
    [InlineData("[1, 2]", "[1, 2, 3, 4, 5]", 9, "property \"processing.pre[0].mean\" has 5 numbers; expected 1 to 4")]
    [InlineData("\"deviation\": 3", "\"deviation\": [1, 2, 3]", 9, "property \"processing.pre[0].mean\" has 2 numbers for 3 channels")]
    [InlineData("\"scale\": 0.5", "\"scale\": 1e999", 9, "property \"processing.pre[0].scale\" is 1e999; expected a number")]
    [InlineData("\"needed\": 2", "\"needed\": 4", 10, "property \"processing.post.debounce.needed\" is 4; expected an integer from 1 to 3")]
    [InlineData("\"count\": 3", "\"count\": 65", 12, "property \"vectors.count\" is 65; expected an integer from 1 to 64")]
    [InlineData("\"vectors\": { \"inputs\": \"in/*.raw\", \"count\": 3 },", "", 1, "property \"vectors\" is missing")]
    [InlineData("\"math\"", "\"everything\"", 13, "property \"capabilities[0]\" is \"everything\"; expected one of math")]
    [InlineData("\"key\": \"acme\"", "\"processor\": { \"dll\": \"x.dll\" }", 15, "property \"processor\" and \"processing\" both say")]
    [InlineData("\"counter\": 7,", "\"counter\": 7, \"counter\": 8,", 4, "property \"counter\" stands twice")]
    public void What_is_wrong_is_named_with_its_line(string from, string to, int line, string message)
    {
        using var tool = new Tool();
        Assert.Contains(from, Valid, StringComparison.Ordinal);
        ToolException error = Assert.Throws<ToolException>(() => Read(tool, Valid.Replace(from, to, StringComparison.Ordinal)));
        Assert.Equal(ErrorCodes.ProjectProperty, error.Code);
        Assert.Contains($"capsule.json line {line}: {message}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(" ", "line 1")]
    [InlineData("[]", "is no JSON object")]
    [InlineData("{\n\n  \"name\": }", "line 3")]
    [InlineData("{} {}", "line 1")]
    [InlineData("// comment\n{}", "line 1")]
    [InlineData("{\"name\": \"\\ud800\"}", "no well-formed Unicode")]
    public void What_is_no_json_is_refused(string text, string message)
    {
        using var tool = new Tool();
        ToolException error = Assert.Throws<ToolException>(() => Read(tool, text));
        Assert.Equal(ErrorCodes.ProjectJson, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        using var tool = new Tool();
        Assert.Equal(ErrorCodes.ProjectJson, Assert.Throws<ToolException>(() => Read(tool, new string('[', 100_000))).Code);
    }

    [Fact]
    public void Damaged_projects_give_an_error_or_a_project_and_nothing_else()
    {
        using var tool = new Tool();
        byte[] valid = Encoding.UTF8.GetBytes(Valid);
        var random = new Random(20);
        int refused = 0;
        for (int i = 0; i < 3000; i++)
        {
            byte[] damaged = [.. valid];
            for (int n = random.Next(1, 4); n > 0; n--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(tool.File("capsule.json"), damaged[..random.Next(1, damaged.Length + 1)]);
            try
            {
                _ = ProjectReader.Read(tool.File("capsule.json"));
            }
            catch (ToolException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1500, 3000);
    }

    [Fact]
    public void The_samples_are_projects_and_the_schema_knows_their_properties()
    {
        using JsonDocument schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docs", "schemas", "capsule.schema.json")));
        JsonElement properties = schema.RootElement.GetProperty("properties");
        foreach (string version in (string[])["v1", "v2"])
        {
            string folder = Path.Combine(Repository.Fashion, version);
            Assert.Equal("fashion", ProjectReader.Read(folder).Name);
            using JsonDocument project = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "capsule.json")));
            Assert.All(project.RootElement.EnumerateObject(), property => Assert.True(properties.TryGetProperty(property.Name, out _), property.Name));
        }
    }

    [Fact]
    public void The_schema_and_the_reader_know_the_same_properties()
    {
        using JsonDocument schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docs", "schemas", "capsule.schema.json")));
        using var tool = new Tool();
        ToolException error = Assert.Throws<ToolException>(() => Read(tool, Valid.Replace("\"key\"", "\"zzz\"", StringComparison.Ordinal)));
        string[] reader = [.. error.Remedy["A project has: ".Length..].TrimEnd('.').Split(", ").Order(StringComparer.Ordinal)];
        Assert.Equal(schema.RootElement.GetProperty("properties").EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal), reader);
    }

    [Fact]
    public async Task A_folder_without_a_project_is_an_error()
    {
        using Tool tool = await Tool.WithKeysAsync();
        (await tool.RunAsync("build", tool.Home)).Failed(3, "CAPSULE3001");
    }

    [Theory]
    [InlineData("\"count\": 8", "\"count\": 40", "CAPSULE3006")]
    [InlineData("\"source\": \"uint8\"", "\"source\": \"int16\"", "CAPSULE3006: 00_t-shirt-top.raw has 784 bytes, but fashion_v1 takes 1,568 bytes of samples.")]
    [InlineData("\"input\": 0", "\"input\": 3", "CAPSULE3005: processing names input 3, and fashion_v1 has 1.")]
    [InlineData("\"topK\": 3", "\"topK\": 3, \"threshold\": 7", "CAPSULE3005: processing: output 0: threshold 7 lies outside")]
    [InlineData("fashion_v1.tflite", "no.tflite", "CAPSULE3004: There is no model")]
    [InlineData("../labels.txt", "../no.txt", "CAPSULE3004")]
    public async Task What_does_not_fit_the_model_is_refused(string from, string to, string message)
    {
        Repository.RequireRunner();
        using Tool tool = await Tool.WithKeysAsync();
        string project = tool.CopyFashion("p");
        Tool.Edit(project, from, to);
        (await tool.RunAsync("build", project)).Failed(3, message);
        Assert.False(Directory.Exists(Path.Combine(tool.Home, "images")));
    }

    private static CapsuleProject Read(Tool tool, string json) => ProjectReader.Read(tool.Write("capsule.json", json));
}
