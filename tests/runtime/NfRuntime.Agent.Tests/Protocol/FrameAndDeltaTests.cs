using System;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using NfRuntime.Agent.Protocol;
using NfRuntime.Native;
using Xunit;

namespace NfRuntime.Agent.Tests.Protocol;

public class FrameAndDeltaTests
{
    [Fact]
    public void Frames_are_taken_or_dropped_as_the_vectors_say()
    {
        JsonElement root = Vectors.Load("frames.json");
        JsonElement blob = root.GetProperty("blob");
        IDeviceStore store = VectorStore.Of();
        BlockFrame frame = new();
        int taken = 0;
        foreach (JsonElement vector in root.GetProperty("frames").EnumerateArray())
        {
            byte[] bytes = vector.Hex("hex");
            bool isTaken = frame.Read(store, bytes, bytes.Length, blob.GetProperty("bytes").GetInt32(), blob.GetProperty("k").GetInt32());
            Assert.True(isTaken == vector.TryGetProperty("says", out JsonElement says), vector.Text("name"));
            if (isTaken)
            {
                taken++;
                Assert.Equal(says.GetProperty("index").GetInt32(), frame.Index);
                Assert.Equal(says.GetProperty("bytes").GetInt32(), frame.DataBytes);
                Assert.Equal(says.GetProperty("last").GetBoolean(), frame.EndsPass);
            }
        }

        Assert.Equal(3, taken);
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(512)]
    [InlineData(1)]
    public void A_delta_makes_the_target_or_is_found_out(int chunk)
    {
        JsonElement root = Vectors.Load("deltas.json");
        byte[] from = root.GetProperty("base").Bytes();
        byte[] target = root.GetProperty("target").Bytes();
        int made = 0;
        foreach (JsonElement vector in root.GetProperty("deltas").EnumerateArray())
        {
            byte[] delta = vector.Hex("hex");
            byte[]? result = Apply(from, delta, target, chunk);
            bool isRight = result is not null && result.SequenceEqual(target);
            Assert.True(isRight == vector.GetProperty("good").GetBoolean(), vector.Text("name"));
            made += isRight ? 1 : 0;
        }

        Assert.Equal(3, made);
    }

    [Fact]
    public void Chunks_that_are_here_are_passed_over()
    {
        JsonElement root = Vectors.Load("deltas.json");
        byte[] from = root.GetProperty("base").Bytes();
        byte[] target = root.GetProperty("target").Bytes();
        byte[] delta = root.GetProperty("deltas")[0].Hex("hex");
        DeltaReader reader = new(VectorStore.Of(from, delta), SHA256.HashData(delta), delta.Length);
        Assert.Equal(0, reader.Open(SHA256.HashData(from), SHA256.HashData(target)));
        byte[] last = new byte[100];
        Assert.Equal(0, reader.Next(last, target.Length - 100, false));
        Assert.Equal(0, reader.Next(last, 100, true));
        Assert.Equal(target[^100..], last);
    }

    [Theory]
    [InlineData(1, 10, 10)]
    [InlineData(512 << 10, 10, 10)]
    [InlineData((512 << 10) + 1, 10, 11)]
    [InlineData(3000, 12, 12)]
    [InlineData(16 << 20, 10, 15)]
    public void No_blob_has_more_than_512_blocks(int bytes, int choice, int expected)
    {
        int log2 = BlobGeometry.Log2(bytes, choice);
        Assert.Equal(expected, log2);
        int blocks = BlobGeometry.Blocks(bytes, log2);
        Assert.Equal(bytes, ((blocks - 1) << log2) + BlobGeometry.BlockBytes(bytes, log2, blocks - 1));
    }

    private static byte[]? Apply(byte[] from, byte[] delta, byte[] target, int chunk)
    {
        DeltaReader reader = new(VectorStore.Of(from, delta), SHA256.HashData(delta), delta.Length);
        if (reader.Open(SHA256.HashData(from), SHA256.HashData(target)) < 0 || reader.TargetBytes != target.Length)
        {
            return null;
        }

        byte[] result = new byte[target.Length];
        byte[] buffer = new byte[chunk];
        for (int at = 0; at < result.Length; at += chunk)
        {
            int count = Math.Min(chunk, result.Length - at);
            if (reader.Next(buffer, count, true) < 0)
            {
                return null;
            }

            Array.Copy(buffer, 0, result, at, count);
        }

        return result;
    }
}
