using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Numerics;
using NfRuntime.Images.Store;
using Xunit;

namespace NfRuntime.Images.Tests.Store;

/// <summary>tests/vectors/store: flash that the firmware wrote, and what the firmware says that it holds.</summary>
public class StoreVectorTests
{
    public static TheoryData<string> Names => [.. Directory.GetFiles(TestFolders.StoreVectors, "*.bin").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Fact]
    public void There_are_vectors() => Assert.True(Names.Count >= 7, $"{Names.Count} vectors");

    [Theory]
    [MemberData(nameof(Names))]
    public void The_records_that_live_are_those_of_the_firmware(string name)
    {
        StoreView view = Read(name);
        List<string> dump = [$"version {view.Journal.Version}", $"frontier {view.Frontier ?? uint.MaxValue:x8}"];
        dump.AddRange(StoreReader.Live(view.Journal.Records).Select(pair => $"{pair.Key} {pair.Value.Type.ToString().ToLowerInvariant()} {Convert.ToHexStringLower(pair.Value.Content.Span)}"));
        Assert.Equal(File.ReadAllLines(Path.Combine(TestFolders.StoreVectors, name + ".txt")), dump);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_field_is_read_from_its_place(string name)
    {
        foreach (JournalRecord record in StoreReader.Live(Read(name).Journal.Records).Values)
        {
            string content = Convert.ToHexStringLower(record.Content.Span);
            StoreRecord decoded = RecordDecoder.Decode(record);
            if (decoded is BlobRecord { State: BlobState.Writing } writing)
            {
                Assert.Equal(record.Content.Span[56..].ToArray().Sum(bits => BitOperations.PopCount(bits)), writing.ChunksWritten);
                Assert.Equal((int)((writing.Bytes + (1u << record.Content.Span[49]) - 1) >> record.Content.Span[49]), writing.Chunks);
                content = content[..98] + "00" + content[100..112];
            }

            Assert.Equal(content, StoreEncoder.Hex(decoded, record.Version));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Complete_blobs_are_what_their_digests_say(string name)
    {
        StoreView view = Read(name);
        Assert.All(view.Blobs.Where(blob => blob.Blob.State == BlobState.Complete), blob => Assert.True(blob.IsIntact));
        Assert.DoesNotContain(view.Problems, problem => problem.Contains("overlap", StringComparison.Ordinal) || problem.Contains("outside", StringComparison.Ordinal) || problem.Contains("record has", StringComparison.Ordinal));
    }

    private static StoreView Read(string name) => StoreReaderTests.Read(File.ReadAllBytes(Path.Combine(TestFolders.StoreVectors, name + ".bin")), verify: true);
}
