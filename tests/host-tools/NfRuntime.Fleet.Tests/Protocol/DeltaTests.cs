using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NfRuntime.Fleet.Protocol;
using Xunit;

namespace NfRuntime.Fleet.Tests.Protocol;

public sealed class DeltaTests
{
    [Fact]
    public void ADeltaMakesItsTargetWhateverBothAre()
    {
        Gen<byte[]> blob = Gen.Choose(0, 3).Select(v => (byte)v).NonEmptyListOf().Select(l => l.ToArray());
        Prop.ForAll(blob.ToArbitrary(), blob.ToArbitrary(), (from, to) => DeltaFormat.Apply(DeltaWriter.Write(from, to), from).AsSpan().SequenceEqual(to)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void WhatWasMovedAndPatchedCostsLittle()
    {
        var random = new Random(3);
        byte[] from = new byte[100_000];
        random.NextBytes(from);
        byte[] to = [.. from[40_000..], .. from[..40_000]];
        for (int i = 0; i < 50; i++)
        {
            to[random.Next(to.Length)] ^= 0x55;
        }

        byte[] delta = DeltaWriter.Write(from, to);
        Assert.Equal(to, DeltaFormat.Apply(delta, from));
        Assert.InRange(delta.Length, 88, 88 + (52 * 2 * 6));
    }

    [Fact]
    public void BlobsThatShareNothingCostTheTargetAndAHeader()
    {
        byte[] from = [.. Enumerable.Repeat((byte)1, 5000)];
        byte[] to = new byte[70_000];
        new Random(4).NextBytes(to);
        Assert.InRange(DeltaWriter.Write(from, to).Length, to.Length, to.Length + 88 + 8);
    }

    [Fact]
    public void MoreThan65535OperationsAreMergedIntoFewer()
    {
        // Eight bytes of the base, and one that it does not have, by turns: each pair would be two operations.
        var random = new Random(5);
        byte[] from = new byte[600_000];
        random.NextBytes(from);
        byte[] to = [.. from.Chunk(8).SelectMany(c => c.Append((byte)~c[^1]))];
        byte[] delta = DeltaWriter.Write(from, to);
        Assert.Equal(to, DeltaFormat.Apply(delta, from));
    }

    [Fact]
    public void AChangedByteOfADeltaIsRefusedOrChangesNothing()
    {
        byte[] from = [.. Enumerable.Range(0, 2000).Select(i => (byte)(i * 7))];
        byte[] to = [.. from[500..], 1, 2, 3, .. from[..700]];
        byte[] delta = DeltaWriter.Write(from, to);
        int refused = Enumerable.Range(0, delta.Length).Count(at => IsRefused(Changed(delta, at), from, to));
        Assert.InRange(refused, delta.Length - 8, delta.Length);
        Assert.Throws<ProtocolException>(() => DeltaFormat.Apply(delta, to));
        Assert.Throws<ProtocolException>(() => DeltaFormat.Apply([.. delta, 0], from));
    }

    private static byte[] Changed(byte[] bytes, int at)
    {
        byte[] changed = [.. bytes];
        changed[at] ^= 0x40;
        return changed;
    }

    private static bool IsRefused(byte[] delta, byte[] from, byte[] to)
    {
        try
        {
            Assert.Equal(to, DeltaFormat.Apply(delta, from)); // another way to the same target, or the minor version
            return false;
        }
        catch (ProtocolException)
        {
            return true;
        }
    }
}
