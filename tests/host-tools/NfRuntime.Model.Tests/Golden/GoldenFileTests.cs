using System;
using System.IO;
using System.Linq;
using System.Text;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Ir;
using Xunit;

namespace NfRuntime.Model.Tests.Golden;

public class GoldenFileTests
{
    private const string Small =
        """{"model":"m.tflite","cases":[{"seed":7,"input_crc32":["fd6d930a"],"outputs":[{"crc32":"48bd5c3b","hex":"81"}]}]}""";

    [Fact]
    public void Reads_cases_and_resets_by_default()
    {
        GoldenFile golden = Parse(Small);
        Assert.True(golden.ResetBetweenCases);
        GoldenCase only = Assert.Single(golden.Cases);
        Assert.Equal(7u, only.Seed);
        Assert.Equal(0xfd6d930au, Assert.Single(only.InputCrc32));
        Assert.Equal([0x81], Assert.Single(only.Outputs).Bytes.ToArray());
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("[]", "the file is not an object")]
    [InlineData("{}", "the file has no \"cases\"")]
    [InlineData("""{"model":"m","cases":[]}""", "the file has no cases")]
    [InlineData("""{"model":"m","cases":[{"seed":1}]}""", "cases[0] has neither outputs nor ops")]
    [InlineData("""{"model":"m","cases":[{"seed":-1}]}""", "cases[0]: \"seed\" is not an integer from 0 to 4294967295")]
    [InlineData("""{"model":"m","cases":[{"seed":1,"outputs":[{"crc32":"48bd5c3b","hex":"8"}]}]}""", "cases[0].outputs[0].hex is not hex")]
    [InlineData("""{"model":"m","cases":[{"seed":1,"outputs":[{"crc32":"48bd5c3","hex":"81"}]}]}""", "cases[0].outputs[0].crc32 is not a CRC-32")]
    [InlineData("""{"model":"m","cases":[{"seed":1,"outputs":[{"crc32":"48bd5c3b","hex":"82"}]}]}""", "but crc32 says 48bd5c3b")]
    [InlineData("""{"model":"\ud800","cases":[{"seed":1,"outputs":[{"crc32":"48bd5c3b","hex":"81"}]}]}""", "not valid Unicode")]
    [InlineData("""{"model":"m","model":"n","cases":[]}""", "not JSON")]
    [InlineData("""{"\ud800":"m","model":"n","cases":[]}""", "not JSON")]
    public void Refuses_what_is_no_golden_file(string json, string sentence)
    {
        var e = Assert.Throws<GoldenFileException>(() => Parse(json));
        Assert.Contains(sentence, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused() =>
        Assert.Throws<GoldenFileException>(() => Parse(new string('[', 100_000)));

    [Fact]
    public void Damaged_files_are_read_or_refused_with_the_one_exception()
    {
        int refused = 0;
        var random = new Random(1);
        for (int round = 0; round < 5000; round++)
        {
            byte[] file = Encoding.UTF8.GetBytes(Small);
            file[random.Next(file.Length)] = (byte)random.Next(256);
            file[random.Next(file.Length)] = "\\\"{}[],:0"u8[random.Next(9)];
            try
            {
                GoldenFile.Parse(file);
            }
            catch (GoldenFileException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 4000, 4999);
    }

    [Fact]
    public void Crc32_has_the_standard_check_value() => Assert.Equal(0xCBF43926u, Crc32.Of("123456789"u8));

    [Fact]
    public void Generator_matches_the_definition_by_hand()
    {
        // seed 0: 1013904223 = 0x3C6EF35F, then 0x47502932
        Assert.Equal([0x3C, 0x47], new LcgInput(0).Next(ElementType.Int8, 2));
        Assert.Equal([0x6E, 0x3C, 0x50, 0x47], new LcgInput(0).Next(ElementType.Int16, 2));
        Assert.Equal(BitConverter.GetBytes(0x3C / 128f), new LcgInput(0).Next(ElementType.Float32, 1));
        Assert.Throws<NotSupportedException>(() => new LcgInput(0).Next(ElementType.Int32, 1));
    }

    [Fact]
    public void Every_shared_golden_file_reads()
    {
        string folder = SharedData.Require("models");
        string[] files = [
            .. Directory.GetFiles(Path.Combine(folder, "golden"), "*.json"),
            .. Directory.GetFiles(Path.Combine(folder, "golden", "layers"), "*.json"),
            .. Directory.GetFiles(Path.Combine(folder, "ops"), "*.json", SearchOption.AllDirectories)];
        Assert.All(files, file => Assert.NotEmpty(GoldenFile.Load(file).Cases));
        Assert.Equal(22, files.Length - Directory.GetFiles(Path.Combine(folder, "ops"), "*.json", SearchOption.AllDirectories).Length);
        Assert.Contains(files.Select(GoldenFile.Load), golden => !golden.ResetBetweenCases);
    }

    [Fact]
    public void Every_shared_sample_golden_reads()
    {
        string[] files = Directory.GetFiles(SharedData.Require("models/golden/samples"), "*.json");
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.NotEmpty(GoldenSamples.Load(file).Outputs));
    }

    private static GoldenFile Parse(string json) => GoldenFile.Parse(Encoding.UTF8.GetBytes(json));
}
