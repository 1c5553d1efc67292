using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Images.Managed;
using NfRuntime.Model.Tests;
using Xunit;

namespace NfRuntime.Runtime.Tests;

public class DeviceSubsetTests
{
    [Fact]
    public void Every_wrong_line_is_named_with_its_rule_and_no_right_line_is()
    {
        string source = Path.Combine(DeviceAssemblies.Root, "tests", "runtime", "DeviceSubsetSamples", "Samples.cs");
        HashSet<string> expected = Expected(File.ReadAllLines(source));
        Assert.Equal(12, expected.Count);

        HashSet<string> found = DeviceSubset.Check(DeviceAssemblies.Samples)
            .Where(f => f.Rule != "embedded-attribute")
            .Select(f => $"{f.Location} {f.Rule}").ToHashSet();

        Assert.Empty(expected.Except(found));
        int firstRight = System.Array.FindIndex(File.ReadAllLines(source), l => l.Contains("class Right", System.StringComparison.Ordinal)) + 1;
        Assert.DoesNotContain(found, f => LineNumber(f) >= firstRight);
    }

    [Fact]
    public void Our_own_device_assemblies_keep_to_the_subset()
    {
        foreach (string assembly in new[] { DeviceAssemblies.Capsules, DeviceAssemblies.Native, DeviceAssemblies.Agent, DeviceAssemblies.M2Mqtt, DeviceAssemblies.BoardAgent })
        {
            Assert.Empty(DeviceSubset.Check(assembly));
        }
    }

    [Fact]
    public void An_attribute_that_the_compiler_embeds_is_named()
    {
        Assert.Contains(DeviceSubset.Check(DeviceAssemblies.Samples), f => f.Rule == "embedded-attribute");
    }

    [Theory]
    [InlineData("GoodProcessor", null)]
    [InlineData("SpinsForever", null)]
    [InlineData("EatsHeap", null)]
    [InlineData("UsesSockets", "reference")]
    [InlineData("UsesThreads", "threads")]
    [InlineData("UsesReflection", "reflection")]
    [InlineData("HasInternalCall", "native-method")]
    [InlineData("HasStaticConstructor", "static-constructor")]
    [InlineData("HasGenericMethod", "generic-method")]
    [InlineData("ReservedName.System.Net", "reserved-name")]
    public void The_gate_judges_the_samples_as_their_readme_says(string name, string? rule)
    {
        string path = SharedData.Require($"nanoframework/pe-samples/{name}.dll");
        ManagedGateReport report = ManagedGate.Check(File.ReadAllBytes(path), null, capabilities: 0);
        if (rule is null)
        {
            Assert.Empty(report.Findings);
        }
        else
        {
            Assert.Contains(report.Findings, f => f.Rule == rule);
        }
    }

    [Fact]
    public void A_declared_capability_opens_its_references()
    {
        string path = SharedData.Require("nanoframework/pe-samples/UsesSockets.dll");
        const uint Networking = 1u << 5;
        Assert.DoesNotContain(ManagedGate.Check(File.ReadAllBytes(path), null, Networking).Findings, f => f.Rule == "reference");
    }

    [Fact]
    public void Broken_images_give_one_kind_of_error()
    {
        byte[] good = File.ReadAllBytes(DeviceAssemblies.Capsules);
        int refused = 0;
        for (int cut = 0; cut < good.Length; cut += 97)
        {
            refused += Refuses(good[..cut]) ? 1 : 0;
        }

        System.Random random = new(1);
        for (int i = 0; i < 200; i++)
        {
            byte[] broken = (byte[])good.Clone();
            broken[random.Next(broken.Length)] ^= (byte)(1 << random.Next(8));
            _ = Refuses(broken);
        }

        Assert.True(refused > 10, $"{refused} truncations refused");
    }

    private static bool Refuses(byte[] image)
    {
        try
        {
            _ = ManagedGate.Check(image, null, 0);
            return false;
        }
        catch (ManagedImageException)
        {
            return true;
        }
    }

    private static int LineNumber(string found) =>
        int.TryParse(found.Split(' ')[0].Split(':')[^1], out int line) ? line : 0;

    private static HashSet<string> Expected(string[] lines)
    {
        HashSet<string> expected = [];
        for (int i = 0; i < lines.Length; i++)
        {
            int at = lines[i].IndexOf("// expect", System.StringComparison.Ordinal);
            if (at >= 0)
            {
                expected.Add($"Samples.cs:{i + 1} {lines[i][(lines[i].IndexOf(':', at) + 1)..].Trim()}");
            }
        }

        return expected;
    }
}
