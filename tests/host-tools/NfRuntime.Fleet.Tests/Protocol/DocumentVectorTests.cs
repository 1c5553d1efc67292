using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Fleet.Tests.Memory;
using Xunit;

namespace NfRuntime.Fleet.Tests.Protocol;

/// <summary>tests/vectors/protocol, which an encoder of its own has made.</summary>
public sealed class DocumentVectorTests
{
    // What is read and written again: a reader that skips what it should keep, or takes one field for another, gives other bytes.
    private static readonly Dictionary<string, Func<byte[], byte[]>> Kinds = new()
    {
        ["desired"] = b => DesiredDocument.Read(b).Write(),
        ["online"] = b => OnlineDocument.Read(b).Write(),
        ["cap"] = b => CapabilityDocument.Read(b).Write(),
        ["state"] = b => StateDocument.Read(b).Write(),
        ["want"] = b => WantDocument.Read(b).Write(),
        ["log"] = b => LogDocument.Read(b).Write(),
        ["stats"] = b => StatsDocument.Read(b).Write(),
        ["presence"] = b => PresenceDocument.Read(b).Write(),
    };

    public static TheoryData<string, string, string, string?> Documents()
    {
        var data = new TheoryData<string, string, string, string?>();
        foreach (JsonElement vector in Load("documents.json").EnumerateArray())
        {
            data.Add(vector.GetProperty("name").GetString()!, vector.GetProperty("kind").GetString()!, vector.GetProperty("hex").GetString()!,
                vector.TryGetProperty("refused", out JsonElement refused) ? refused.GetString() : null);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void ADocumentIsReadAndWrittenAsTheVectorsSay(string name, string kind, string hex, string? refused)
    {
        byte[] bytes = Convert.FromHexString(hex);
        if (refused is not null)
        {
            ProtocolException refusal = Assert.Throws<ProtocolException>(() => Kinds[kind](bytes));
            Assert.Equal(refused, refusal.Error == ProtocolError.Version ? "version" : "document");
        }
        else if (name.Contains("unknown keys", StringComparison.Ordinal) || name.Contains("in one another", StringComparison.Ordinal)) // what is skipped is not written again
        {
            Assert.Equal(Kinds[kind](bytes), Kinds[kind](Kinds[kind](bytes)));
        }
        else
        {
            Assert.Equal(hex, Convert.ToHexStringLower(Kinds[kind](bytes)));
        }
    }

    [Fact]
    public void EveryKindHasGoodVectorsAndBadOnes()
    {
        JsonElement[] vectors = [.. Load("documents.json").EnumerateArray()];
        Assert.All(Kinds.Keys, kind => Assert.Contains(vectors, v => v.GetProperty("kind").GetString() == kind && v.TryGetProperty("says", out _)));
        Assert.True(vectors.Count(v => v.TryGetProperty("refused", out _)) > 20);
    }

    [Fact]
    public void FramesAreReadAsTheVectorsSay()
    {
        JsonElement file = Load("frames.json");
        JsonElement blob = file.GetProperty("blob");
        var geometry = new BlockGeometry(blob.GetProperty("bytes").GetInt32(), blob.GetProperty("k").GetInt32());
        byte[] content = [.. Enumerable.Range(0, geometry.Bytes).Select(i => (byte)((7 * i) + (i / 256)))];
        int good = 0;
        int bad = 0;
        foreach (JsonElement vector in file.GetProperty("frames").EnumerateArray())
        {
            byte[] bytes = Convert.FromHexString(vector.GetProperty("hex").GetString()!);
            if (!vector.TryGetProperty("says", out JsonElement says))
            {
                Assert.True(IsRefused(bytes, geometry), vector.GetProperty("name").GetString());
                bad++;
                continue;
            }

            BlockFrame frame = BlockFrame.Read(bytes);
            Assert.Equal((says.GetProperty("index").GetInt32(), says.GetProperty("bytes").GetInt32(), says.GetProperty("last").GetBoolean()), (frame.Index, frame.Data.Length, frame.EndsPass));
            byte[] written = new byte[bytes.Length];
            Assert.Equal(bytes.Length, BlockFrame.Write(written, geometry, frame.Index, frame.EndsPass, content));
            good += written.AsSpan().SequenceEqual(bytes) ? 1 : 0;
        }

        Assert.True(good >= 3 && bad >= 5, $"{good} good frames, {bad} bad ones");
    }

    [Fact]
    public void DeltasAreAppliedAsTheVectorsSay()
    {
        JsonElement file = Load("deltas.json");
        byte[] baseBlob = Hex(file.GetProperty("base"));
        byte[] target = Hex(file.GetProperty("target"));
        int good = 0;
        foreach (JsonElement vector in file.GetProperty("deltas").EnumerateArray())
        {
            byte[] delta = Hex(vector.GetProperty("hex"));
            if (vector.GetProperty("good").GetBoolean())
            {
                Assert.Equal(target, DeltaFormat.Apply(delta, baseBlob));
                good++;
            }
            else
            {
                Assert.Throws<ProtocolException>(() => DeltaFormat.Apply(delta, baseBlob));
            }
        }

        Assert.True(good > 0);
    }

    // A frame of another blob's sizes is in itself well-formed: the receiver compares.
    private static bool IsRefused(byte[] bytes, BlockGeometry geometry)
    {
        try
        {
            return BlockFrame.Read(bytes).Geometry != geometry;
        }
        catch (ProtocolException)
        {
            return true;
        }
    }

    private static byte[] Hex(JsonElement text) => Convert.FromHexString(text.GetString()!.Replace("hex:", "", StringComparison.Ordinal));

    private static JsonElement Load(string file) => JsonDocument.Parse(File.ReadAllBytes(Checkout.Vectors(file))).RootElement;
}
