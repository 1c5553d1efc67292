using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Pull;
using NfRuntime.Simulation.Capsules;
using Xunit;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>Where bytes come from besides blocks, and a candidate that is only compared.</summary>
public class SourceTests
{
    private static readonly TinyCapsule _one = Scenario.Capsule(1, 1);
    private static readonly TinyCapsule _two = Scenario.Capsule(1, 2);

    [Fact]
    public void A_delta_costs_a_part_of_the_bytes()
    {
        byte[] delta = DeltaMaker.Make(_one.Model, _two.Model);
        Assert.True(delta.Length < _two.Model.Length / 2, $"{delta.Length} of {_two.Model.Length} bytes");
        using Scenario scenario = Scenario.With(_one);
        Offer(scenario, delta);
        long before = scenario.Device.Agent.Report.BlockBytes;
        scenario.Want(_two);
        scenario.Until(() => scenario.IsConfirmed(_two), "version 2 is confirmed");
        Assert.Equal(delta.Length + _two.Manifest.Length + _two.Vectors.Length, scenario.Device.Agent.Report.BlockBytes - before);
    }

    [Fact]
    public void A_delta_that_makes_something_else_is_no_loss()
    {
        byte[] delta = DeltaMaker.Make(_one.Model, [.. _two.Model.Select((b, i) => i == 900 ? (byte)(b ^ 1) : b)]);
        SHA256.HashData(_two.Model).CopyTo(delta, 40);
        using Scenario scenario = Scenario.With(_one);
        Offer(scenario, delta);
        scenario.Want(_two);
        scenario.Until(() => scenario.IsConfirmed(_two), "version 2 is confirmed");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_registry_gives_ranges_or_blocks_come(bool isLying)
    {
        using Scenario scenario = new();
        Ranges ranges = new(_one.Blobs(), isLying);
        scenario.Device.Ranges = ranges;
        scenario.Fleet.Controller.Registry = "https://registry.example/v2/acme/eye";
        scenario.Fleet.Start();
        scenario.Want(_one);
        scenario.Until(() => scenario.IsConfirmed(_one), "confirmed");
        Assert.True(ranges.Asked >= 3);
        Assert.Equal(isLying, scenario.Device.Agent.Report.Blocks > 0);
    }

    [Fact]
    public void A_registry_that_is_down_is_waited_for_once_and_not_for_each_blob()
    {
        using Scenario scenario = new();
        Slow ranges = new(() => 0);
        scenario.Device.Ranges = ranges;
        scenario.Fleet.Controller.Registry = "https://registry.example/v2/acme/eye";
        scenario.Fleet.Start();
        scenario.Want(_one);
        scenario.Until(() => scenario.IsConfirmed(_one), "three times 30 s for the manifest, and blocks", 2 * Scenario.Minute);
        Assert.Equal(3, ranges.Asked);
    }

    [Fact]
    public void A_registry_that_trickles_has_its_time_for_a_chunk_and_no_more()
    {
        using Scenario scenario = new();
        long next = 0;
        Slow ranges = new(() =>
        {
            bool isDue = scenario.Fleet.Time.Now >= next;
            next = isDue ? scenario.Fleet.Time.Now + 10_000 : next;
            return isDue ? 1 : 0;
        });
        scenario.Device.Ranges = ranges;
        scenario.Fleet.Controller.Registry = "https://registry.example/v2/acme/eye";
        scenario.Fleet.Start();
        scenario.Want(_one);
        scenario.Until(() => scenario.IsConfirmed(_one), "blocks come", 2 * Scenario.Minute);
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(1, false)]
    public void A_shadow_is_compared_and_answers_nothing(int disagreements, bool isConfirmed)
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(_two, mode: DesiredCapsule.Shadow, rules: new Dictionary<int, int> { [1] = 20, [4] = disagreements });
        scenario.Until(() => scenario.Record.Candidate.State == 4, "on trial");
        scenario.Fleet.RunUntil(() => false, 2000, 200, Scenario.Name);
        Assert.Equal(_one.Version, scenario.Device.Agent.Find(Scenario.Name).Version);
        scenario.Until(() => isConfirmed ? scenario.IsConfirmed(_two) : scenario.Record.RejectedReason == AgentReason.Shadow, "judged");
        Assert.Equal(!isConfirmed, scenario.IsConfirmed(_one));
    }

    private static void Offer(Scenario scenario, byte[] delta)
    {
        byte[] digest = SHA256.HashData(delta);
        scenario.Fleet.Publish(digest, delta);
        scenario.Fleet.Controller.Deltas[Convert.ToHexString(_two.Digest)] = [(SHA256.HashData(_one.Model), SHA256.HashData(_two.Model), digest, delta.Length)];
    }

    /// <summary>Gives as many bytes at a poll as it is told.</summary>
    private sealed class Slow(Func<int> bytes) : IRangeSource
    {
        public int Asked { get; private set; }

        public bool Begin(string url, int offset, int count)
        {
            Asked++;
            return true;
        }

        public int Poll(byte[] buffer, int at, int count) => Math.Min(bytes(), count);

        public void GiveUp()
        {
        }
    }

    private sealed class Ranges(IEnumerable<(byte[] Digest, byte[] Bytes)> blobs, bool isLying) : IRangeSource
    {
        private readonly Dictionary<string, byte[]> _blobs = blobs.ToDictionary(b => Convert.ToHexStringLower(b.Digest), b => b.Bytes);
        private byte[] _rest = [];

        public int Asked { get; private set; }

        public bool Begin(string url, int offset, int count)
        {
            Asked++;
            byte[] blob = _blobs[url[(url.LastIndexOf(':') + 1)..]];
            _rest = [.. blob.Skip(offset).Take(count).Select(b => (byte)(isLying ? b ^ 1 : b))];
            return true;
        }

        public int Poll(byte[] buffer, int at, int count)
        {
            int part = Math.Min(Math.Min(count, 100), _rest.Length);
            Array.Copy(_rest, 0, buffer, at, part);
            _rest = _rest[part..];
            return part;
        }

        public void GiveUp() => _rest = [];
    }

    /// <summary>The longest copies of 8 bytes at least, found by brute force.</summary>
    private static class DeltaMaker
    {
        public static byte[] Make(byte[] from, byte[] target)
        {
            using MemoryStream operations = new();
            int count = 0, literal = 0;
            for (int at = 0; at <= target.Length;)
            {
                (int offset, int length) = at == target.Length ? (0, 0) : Longest(from, target, at);
                if (length < 8 && at < target.Length)
                {
                    at++;
                    continue;
                }

                if (at > literal)
                {
                    count++;
                    Varint(operations, ((at - literal) << 1) | 1);
                    operations.Write(target, literal, at - literal);
                }

                if (at == target.Length)
                {
                    break;
                }

                count++;
                Varint(operations, length << 1);
                Varint(operations, offset);
                at += length;
                literal = at;
            }

            return [.. "NFRD"u8, 1, 0, 0, 0, .. SHA256.HashData(from), .. SHA256.HashData(target), .. BitConverter.GetBytes(from.Length), .. BitConverter.GetBytes(target.Length), .. BitConverter.GetBytes(count), 0, 0, 0, 0, .. operations.ToArray()];
        }

        private static (int Offset, int Length) Longest(byte[] from, byte[] target, int at)
        {
            (int Offset, int Length) best = (0, 0);
            for (int i = 0; i < from.Length; i++)
            {
                int length = 0;
                while (i + length < from.Length && at + length < target.Length && from[i + length] == target[at + length])
                {
                    length++;
                }

                best = length > best.Length ? (i, length) : best;
            }

            return best;
        }

        private static void Varint(MemoryStream stream, int value)
        {
            for (; value > 0x7f; value >>= 7)
            {
                stream.WriteByte((byte)(value & 0x7f | 0x80));
            }

            stream.WriteByte((byte)value);
        }
    }
}
