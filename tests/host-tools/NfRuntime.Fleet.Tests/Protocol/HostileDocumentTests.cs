using System;
using System.Linq;
using NfRuntime.Fleet.Protocol;
using Xunit;

namespace NfRuntime.Fleet.Tests.Protocol;

public sealed class HostileDocumentTests
{
    private static readonly Func<byte[], object>[] Readers =
    [
        b => DesiredDocument.Read(b), b => OnlineDocument.Read(b), b => CapabilityDocument.Read(b), b => StateDocument.Read(b),
        b => LogDocument.Read(b), b => StatsDocument.Read(b), b => WantDocument.Read(b), b => PresenceDocument.Read(b), b => BlockFrame.Read(b),
    ];

    [Fact]
    public void EverySingleByteThatIsChangedIsReadOrRefusedAndNothingElse()
    {
        byte[][] good = [Samples.Desired().Write(), new OnlineDocument(true, 7).Write(), Samples.Capabilities().Write(), Samples.State().Write(), Samples.Log().Write(), Samples.Stats().Write(), Samples.Want().Write(), new PresenceDocument("a", 5).Write()];
        int refused = 0;
        for (int kind = 0; kind < good.Length; kind++)
        {
            _ = Readers[kind](good[kind]);
            for (int at = 0; at < good[kind].Length; at++)
            {
                foreach (byte flip in new byte[] { 1, 0x20, 0x80, 0xFF })
                {
                    byte[] changed = [.. good[kind]];
                    changed[at] ^= flip;
                    refused += IsRefused(kind, changed) ? 1 : 0;
                }

                Assert.True(IsRefused(kind, good[kind][..at]), "a document that ends too early");
            }
        }

        Assert.True(refused > 500);
    }

    [Fact]
    public void RandomBytesAreRefusedByEveryReader()
    {
        var random = new Random(1);
        for (int i = 0; i < 5_000; i++)
        {
            byte[] bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            for (int kind = 0; kind < Readers.Length; kind++)
            {
                Assert.True(IsRefused(kind, bytes));
            }
        }
    }

    [Theory]
    [InlineData("bb7fffffffffffffff00")] // a map of 2^63 pairs
    [InlineData("a200010a9bffffffffffffffff")] // an array of 2^64 - 1 items
    [InlineData("a200010a5b7fffffffffffffff00")] // a byte string of 2^63 bytes
    [InlineData("a200010a818181818181818100")] // nested too deeply
    [InlineData("a200010a3bffffffffffffffff")] // below -2^63
    [InlineData("a200010a1800")] // not the shortest form
    [InlineData("a200010a00ff")] // trailing byte
    [InlineData("a2000100010a00")] // a key twice
    [InlineData("a20a000001")] // keys that descend
    [InlineData("a200010a62c328")] // not UTF-8
    [InlineData("a200010af90000")] // a float
    [InlineData("a200010af6")] // null
    [InlineData("bf0001ff")] // indefinite
    public void WhatTheSubsetDoesNotHaveIsRefused(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        Assert.Equal(ProtocolError.Document, Assert.Throws<ProtocolException>(() => { CborReader.ReadDocument(bytes, "it"); }).Error);
    }

    [Fact]
    public void AWillMayBeTheTextOfflineAndNoOtherText()
    {
        Assert.Equal(new OnlineDocument(false, 0), OnlineDocument.Read("offline"u8));
        foreach (string other in new[] { "Offline", "offline\0", "offlin", "online", "" })
        {
            Assert.Throws<ProtocolException>(() => OnlineDocument.Read(System.Text.Encoding.ASCII.GetBytes(other)));
        }
    }

    [Fact]
    public void ADocumentOfMoreThan8192BytesIsRefusedBeforeItIsParsed() =>
        Assert.Throws<ProtocolException>(() => { CborReader.ReadDocument(new byte[8193], "it"); });

    [Fact]
    public void WhatTheControllerWouldWriteWronglyIsRefusedWhenItIsWritten()
    {
        DesiredDocument good = Samples.Desired();
        Assert.Throws<ProtocolException>(() => (good with { Generation = 0 }).Write());
        Assert.Throws<ProtocolException>(() => (good with { Capsules = [good.Capsules[0], good.Capsules[0]] }).Write());
        Assert.Throws<ProtocolException>(() => (good with { Capsules = [good.Capsules[0] with { ManifestBytes = 12 }] }).Write());
        Assert.Throws<ProtocolException>(() => (good with { Capsules = [.. Enumerable.Range(0, 9).Select(i => good.Capsules[0] with { Name = "n" + i })] }).Write());
        DesiredDelta delta = good.Capsules[0].Deltas[0];
        Assert.Throws<ProtocolException>(() => (good with { Capsules = [.. Enumerable.Range(0, 8).Select(i => good.Capsules[0] with { Name = new string((char)('a' + i), 60), Deltas = [.. Enumerable.Repeat(delta, 9)] })] }).Write());
    }

    private static bool IsRefused(int kind, byte[] bytes)
    {
        try
        {
            _ = Readers[kind](bytes);
            return false;
        }
        catch (ProtocolException)
        {
            return true;
        }
    }
}
