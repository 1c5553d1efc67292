using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NfRuntime.Fleet.Distribution;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images;
using Xunit;

namespace NfRuntime.Fleet.Tests.Distribution;

public sealed class BlobStreamTests
{
    private static readonly DistributorOptions Options = new() { Tenant = "t", Name = "a" };

    [Fact]
    public void APassIsTheUnionInOrderAndItsLastFrameSaysSo()
    {
        BlobStream stream = Stream(blocks: 10);
        stream.Want("a", Set(1, 3), 0, 0);
        stream.Want("b", Set(3, 7), 0, 10);

        Assert.Equal([(1, false), (3, false), (7, true)], Pass(stream, 1000));
        Assert.True(stream.IsIdle);
    }

    [Fact]
    public void ItGathersWhileWantsComeButNotForEver()
    {
        BlobStream stream = Stream(blocks: 2);
        stream.Want("a", Set(0), 0, 0);
        Assert.Equal(200, stream.Gather(0, Options));
        stream.Want("b", Set(0), 0, 150);
        Assert.Equal(50, stream.Gather(200, Options));
        for (int at = 200; at < 990; at += 50)
        {
            stream.Want("c" + at, Set(0), 0, at);
        }

        Assert.Equal(10, stream.Gather(990, Options));
        Assert.Equal(0, stream.Gather(1000, Options));
    }

    [Fact]
    public void TheNextPassBeginsWhereThisOneStands()
    {
        BlobStream stream = Stream(blocks: 10);
        stream.Want("a", Set(5), 0, 0);
        Pass(stream, 1000);
        stream.Want("a", Set(2, 5, 8), 0, 2000);
        Assert.Equal([(8, true), (2, true), (5, true)], Pass(stream, 3000)); // three say that the pass ends, since one alone may be lost
    }

    [Fact]
    public void APassWaitsForWhoHasNotSpokenSinceTheLast()
    {
        BlobStream stream = Stream(blocks: 10);
        stream.Want("a", Set(1, 2), 0, 0);
        stream.Want("b", Set(1, 2), 0, 0);
        Pass(stream, 1000);
        Assert.True(stream.IsOpen(1000));
        stream.Want("a", Set(2), 0, 1100);
        Assert.True(stream.Gather(2000, Options) > 0);
        stream.Want("b", Set(1), 0, 2000);
        Assert.Equal([(1, true), (2, true)], Pass(stream, 2200));

        stream.Want("a", Set(), 0, 2300);
        Assert.True(stream.IsOpen(2200 + 2599));
        Assert.False(stream.IsOpen(2200 + 2600)); // b is not waited for any longer
    }

    [Fact]
    public void WhoAsksAgainDuringItsPassIsNotSentWhatIsOnItsWay()
    {
        BlobStream stream = Stream(blocks: 10);
        stream.Want("a", Set(0, 1, 2), 0, 0);
        Assert.Equal(0, stream.Gather(2000, Options));
        Send(stream, 2000);
        stream.Want("a", Set(0, 1, 2), 0, 2500); // its second, and the broker is half a second behind
        Assert.Equal([(1, false), (2, true)], Pass(stream, 2500));
        Assert.True(stream.IsIdle);
    }

    [Fact]
    public void ACrowdThatIsSilentIsWaitedForLonger()
    {
        BlobStream stream = Stream(blocks: 10);
        for (int i = 0; i < 10; i++)
        {
            stream.Want("d" + i, Set(0, 1), 0, 0);
        }

        Pass(stream, 1000);
        stream.Want("d0", Set(0, 1), 0, 1500);
        Assert.True(stream.Gather(8000, Options) > 0);
        for (int i = 1; i < 6; i++)
        {
            stream.Want("d" + i, Set(), 0, 8000);
        }

        Assert.Equal(0, stream.Gather(8001, Options)); // four are silent: they lost it, or are dead
    }

    [Fact]
    public void ABlobWaitsForThoseWhoLackTheOneBeforeItWithinLimits()
    {
        BlobStream manifest = Stream(blocks: 20);
        BlobStream section = Stream(blocks: 10);
        manifest.Want("a", Set(0), 0, 0);
        manifest.Want("b", Set(0), 0, 0);
        Pass(manifest, 1000);
        manifest.Want("a", Set(), 0, 1010);
        section.Follow(manifest);
        manifest.Follow(section); // a circle is no order
        section.Want("a", Set(0, 1), 0, 1010);
        Assert.True(section.Gather(3000, Options) > 0);
        manifest.Want("b", Set(0), 0, 3000);
        Assert.True(section.Gather(3500, Options) > 0);
        Pass(manifest, 3500);
        manifest.Want("b", Set(), 0, 3600);
        Assert.Equal(0, section.Gather(3601, Options));

        BlobStream held = Stream(blocks: 10);
        BlobStream never = Stream(blocks: 10);
        never.Want("rogue", Set(0), 0, 0);
        held.Follow(never);
        held.Want("a", Set(0), 0, 0);
        Assert.True(held.Gather(Options.HoldMaxMs - 1, Options) > 0);
        Assert.Equal(0, held.Gather(Options.HoldMaxMs, Options));

        BlobStream freed = Stream(blocks: 10);
        freed.Follow(never);
        freed.Want("a", Set(0), 0, 0);
        Assert.True(freed.Gather(1000, Options) > 0);
        freed.Forget(never);
        Assert.Equal(0, freed.Gather(1000, Options));
    }

    [Fact]
    public void ASmallBlobThatIsAskedForAgainIsSentThreeTimes()
    {
        BlobStream stream = Stream(blocks: 2);
        stream.Want("a", Set(0, 1), 0, 0);
        Assert.Equal([(0, false), (1, true)], Pass(stream, 1000));
        stream.Want("a", Set(0, 1), 0, 3000);
        Assert.Equal([(0, false), (1, false), (0, false), (1, false), (0, true), (1, true)], Pass(stream, 4000));
        Assert.True(stream.IsIdle);
    }

    [Fact]
    public void AWantThatCrossedItsBlockDoesNotAskForItAgain()
    {
        BlobStream stream = Stream(blocks: 10);
        stream.Want("a", Set(0, 1, 2), 0, 0);
        Assert.Equal(0, stream.Gather(500, Options));
        Send(stream, 500);
        stream.Want("b", Set(0, 1, 2), 0, 501); // block 0 is on its way to b, too
        Assert.Equal([(1, false), (2, true)], Pass(stream, 502));
        Assert.True(stream.IsIdle);
    }

    [Fact]
    public void ABlockThatWasSentLongAgoComesInTheNextPass()
    {
        BlobStream stream = Stream(blocks: 10);
        stream.Want("a", Set(0, 1, 2), 0, 0);
        Assert.Equal(0, stream.Gather(500, Options));
        Send(stream, 500);
        stream.Want("b", Set(0, 1, 2), 0, 1000);
        Assert.Equal([(1, false), (2, true)], Pass(stream, 1000));
        Assert.False(stream.IsIdle);
        Assert.Equal([(0, true)], Pass(stream, 4000));
    }

    [Fact]
    public void WhoWantsNothingAnyMoreEndsThePassOfItsOwn()
    {
        BlobStream stream = Stream(blocks: 10);
        stream.Want("a", Set(0, 1, 2), 0, 0);
        Assert.Equal(0, stream.Gather(500, Options));
        Send(stream, 500);
        stream.Want("a", Set(), 0, 501);
        Assert.True(stream.IsIdle);
    }

    [Fact]
    public void EveryWantedBlockIsSentOnceAPassWhateverComesBetween() => Prop.ForAll(
        Gen.Choose(0, 511).ListOf().ListOf().Select(l => l.Take(12).Select(x => x.ToArray()).ToArray()).ToArbitrary(),
        wants =>
        {
            BlobStream stream = Stream(blocks: 512);
            for (int i = 0; i < wants.Length; i++)
            {
                stream.Want("d" + i, Set(wants[i]), 0, i);
            }

            int[] expected = [.. wants.SelectMany(w => w).Distinct().Order()];
            (int Block, bool Ends)[] pass = expected.Length == 0 ? [] : [.. Pass(stream, 5000)];
            return pass.Select(p => p.Block).SequenceEqual(expected) && pass.Count(p => p.Ends) == Math.Min(1, expected.Length) && stream.IsIdle;
        }).QuickCheckThrowOnFailure();

    private static BlobStream Stream(int blocks) => new(Digest.Of("blob"u8), new BlockGeometry(blocks * 1024, 10), 0);

    private static BlockSet Set(params int[] blocks)
    {
        var set = new BlockSet();
        Array.ForEach(blocks, set.Add);
        return set;
    }

    private static (int Block, bool Ends) Send(BlobStream stream, long now)
    {
        (int block, bool ends) = stream.Peek();
        Assert.True(!stream.Sent(block, now) || ends, "a pass ended and its last frame did not say so");
        return (block, ends);
    }

    private static List<(int Block, bool Ends)> Pass(BlobStream stream, long now)
    {
        Assert.Equal(0, stream.Gather(now, Options));
        var sent = new List<(int, bool)>();
        while (stream.IsStreaming)
        {
            sent.Add(Send(stream, now));
        }

        return sent;
    }
}
