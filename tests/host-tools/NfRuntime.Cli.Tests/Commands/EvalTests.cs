using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Commands;

public class EvalTests
{
    public EvalTests() => Repository.RequireRunner();

    [Fact]
    [Trait("Speed", "long")]
    public async Task Keyword_spotting_is_right_for_901_of_1000_real_inputs()
    {
        string models = Repository.Shared("models");
        using var tool = new Tool();
        string[] command =
        [
            "eval", Path.Combine(models, "kws_ref_model.tflite"), "--inputs", Path.Combine(models, "samples", "kws01_1000x490_int8.bin"),
            "--labels", Path.Combine(models, "samples", "samples.json"), "--golden", Path.Combine(models, "golden", "samples", "kws01_1000x490_int8.json"),
        ];
        Assert.Equal(
            " kws_ref_model.tflite on host, 1,000 inputs\n accuracy  0.901   901 of 1,000 right\n golden    1,000 of 1,000 outputs are bit-exact\n",
            (await tool.RunAsync(command)).Succeeded());
        using JsonDocument json = JsonDocument.Parse((await tool.RunAsync([.. command, "--json"])).Succeeded());
        Assert.Equal(0.901, json.RootElement.GetProperty("accuracy").GetDouble());
        Assert.Equal(1000, json.RootElement.GetProperty("goldenMatches").GetInt32());
    }

    [Fact]
    public async Task The_sample_is_as_accurate_as_its_readme_says()
    {
        using var tool = new Tool();
        string[] images = [.. Directory.GetFiles(Path.Combine(Repository.Fashion, "images"), "*.raw").Order(System.StringComparer.Ordinal)];
        await File.WriteAllBytesAsync(tool.File("images.bin"), [.. images.SelectMany(File.ReadAllBytes).Select(pixel => (byte)(pixel ^ 0x80))], TestContext.Current.CancellationToken);
        string labels = tool.Write("labels.json", JsonSerializer.Serialize(images.Select((_, index) => index % 10)));
        string text = (await tool.RunAsync("eval", Repository.FashionModel, "--inputs", tool.File("images.bin"), "--labels", labels)).Succeeded();
        Assert.Contains(" accuracy  0.780   39 of 50 right\n", text, System.StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_autoencoder_is_no_classifier()
    {
        string models = Repository.Shared("models");
        using var tool = new Tool();
        string[] command = ["eval", Path.Combine(models, "ad01_int8.tflite"), "--inputs", Path.Combine(models, "samples", "ad01_196x640_int8.bin")];
        (await tool.RunAsync([.. command, "--labels", Path.Combine(models, "samples", "samples.json")])).Failed(3, "CAPSULE4004: ad01_int8.tflite puts out 640 values for an input of 640 values");
        string text = (await tool.RunAsync([.. command, "--golden", Path.Combine(models, "golden", "samples", "ad01_196x640_int8.json")])).Succeeded();
        Assert.Equal(" ad01_int8.tflite on host, 196 inputs\n golden    196 of 196 outputs are bit-exact\n", text);
    }

    [Theory]
    [InlineData("[1,2,3]", "CAPSULE4003: There are 3 labels for 1 inputs.")]
    [InlineData("[10]", "CAPSULE4003: A label is class 10, but fashion_v1.tflite has classes 0 to 9.")]
    [InlineData("[-1]", "which is no class number")]
    [InlineData("[1.5]", "which is no class number")]
    [InlineData("[\"a\"]", "which is no class number")]
    [InlineData("{}", "has no entry \"one.bin\"")]
    [InlineData("{\"one.bin\":{\"labels\":null}}", "has no labels for one.bin")]
    [InlineData("{\"one.bin\":{\"labels\":[3]}", "is not JSON")]
    [InlineData("7", "has no entry")]
    public async Task Labels_that_do_not_fit_are_refused(string labels, string message)
    {
        using var tool = new Tool();
        await File.WriteAllBytesAsync(tool.File("one.bin"), new byte[784], TestContext.Current.CancellationToken);
        (await tool.RunAsync("eval", Repository.FashionModel, "--inputs", tool.File("one.bin"), "--labels", tool.Write("labels.json", labels))).Failed(3, message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(783)]
    [InlineData(1000)]
    public async Task Inputs_are_whole_records(int bytes)
    {
        using var tool = new Tool();
        await File.WriteAllBytesAsync(tool.File("x.bin"), new byte[bytes], TestContext.Current.CancellationToken);
        (await tool.RunAsync("eval", Repository.FashionModel, "--inputs", tool.File("x.bin"), "--labels", tool.Write("l.json", "[0]"))).Failed(3, "CAPSULE4007");
    }

    [Fact]
    public async Task Something_to_compare_with_is_needed()
    {
        using var tool = new Tool();
        (await tool.RunAsync("eval", Repository.FashionModel, "--inputs", "x.bin")).Failed(2, "CAPSULE1001: eval needs something to compare with.");
    }
}
