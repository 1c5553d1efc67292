using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Images.Capsule;
using Xunit;

namespace NfRuntime.Images.Tests.Capsule;

/// <summary>tests/vectors/capsule: the bytes that host and firmware must judge alike.</summary>
public class CommittedVectorsTests
{
    private static readonly CapsuleVector[] Vectors = [.. ManifestVectors.All(), .. OtherVectors.All()];

    public static TheoryData<string> Names => [.. Vectors.Select(v => v.Name)];

    [Fact]
    public void The_committed_files_are_what_this_code_writes()
    {
        Dictionary<string, byte[]> expected = Files();
        if (Environment.GetEnvironmentVariable("NFR_UPDATE_VECTORS") == "1")
        {
            Directory.CreateDirectory(TestFolders.CapsuleVectors);
            Directory.GetFiles(TestFolders.CapsuleVectors).ToList().ForEach(File.Delete);
            expected.ToList().ForEach(f => File.WriteAllBytes(Path.Combine(TestFolders.CapsuleVectors, f.Key), f.Value));
        }

        string[] present = [.. Directory.GetFiles(TestFolders.CapsuleVectors).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), present);
        Assert.All(present, name => Assert.Equal(expected[name], File.ReadAllBytes(Path.Combine(TestFolders.CapsuleVectors, name))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_host_answers_as_expected(string name)
    {
        CapsuleVector vector = Vectors.Single(v => v.Name == name);
        if (vector.Error == DeviceError.None)
        {
            Judge(vector);
            return;
        }

        var thrown = Assert.Throws<ManifestFormatException>(() => Judge(vector));
        Assert.Equal((vector.Error, vector.Rule), (thrown.Error, thrown.Rule));
    }

    private static void Judge(CapsuleVector vector)
    {
        switch (vector.Kind)
        {
            case "manifest": ManifestReader.Read(vector.Bytes, TestKeys.List, vector.Floor); break;
            case "keylist": KeyListFile.Read(vector.Bytes, TestKeys.Root.PublicKey, vector.Floor); break;
            case "vectors": VectorsFile.Read(vector.Bytes); break;
            case "labels": LabelsFile.Read(vector.Bytes); break;
            default: throw new ArgumentException(vector.Kind);
        }
    }

    private static Dictionary<string, byte[]> Files()
    {
        Dictionary<string, byte[]> files = Vectors.ToDictionary(v => v.Name + ".bin", v => v.Bytes);
        files.Add("root.bin", TestKeys.Root.PublicKey.Bytes.ToArray());
        files.Add("vectors.txt", System.Text.Encoding.ASCII.GetBytes(VectorText.Index(Vectors)));
        files.Add("fields.txt", System.Text.Encoding.ASCII.GetBytes(VectorText.Fields(Vectors)));
        files.Add("pre.txt", System.Text.Encoding.ASCII.GetBytes(ProcessingVectors.Text()));
        return files;
    }
}
