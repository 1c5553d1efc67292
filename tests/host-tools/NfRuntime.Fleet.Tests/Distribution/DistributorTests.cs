using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Fleet.Distribution;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Fleet.Tests.Memory;
using NfRuntime.Images;
using Xunit;

namespace NfRuntime.Fleet.Tests.Distribution;

public sealed class DistributorTests(ITestOutputHelper output)
{
    private const int CapsuleBytes = 300 << 10;

    [Fact]
    public void TwoHundredDevicesThatStartTogetherShareOnePass()
    {
        using var scene = new PullScene(CapsuleBytes);
        scene.AddDistributor("a");
        scene.AddDevices(200);

        Assert.True(scene.RunToEnd());

        Report("200 devices", scene);
        Assert.All(scene.Devices, d => Assert.True(d.IsRight));
        Assert.InRange(scene.BlobBytes, CapsuleBytes, 13 * CapsuleBytes / 10);
    }

    [Fact]
    public void WithThreeDistributorsOneServesAndAnotherTakesOverWhenItDies()
    {
        using var scene = new PullScene(CapsuleBytes);
        string[] names = ["a", "b", "c"];
        foreach (string name in names)
        {
            scene.AddDistributor(name);
        }

        Assert.True(scene.Run(() => scene.Distributors.All(d => d.Core.Present.Count == 3), 5000));
        scene.AddDevices(200);
        Assert.True(scene.Run(() => scene.BlobBytes > CapsuleBytes / 2, 10_000));
        string[] served = [.. scene.Distributors.Where(d => d.Meters.PublishedFrames > 0).Select(d => d.Mqtt.Name)];
        Assert.Equal(Rendezvous.Owner(scene.Digest, names), Assert.Single(served));

        scene.KillDistributor(served[0]);
        Assert.True(scene.RunToEnd());

        Report("three distributors, one killed in mid-stream", scene);
        Assert.All(scene.Devices, d => Assert.True(d.IsRight));
        Assert.Equal(Rendezvous.Owner(scene.Digest, names.Except(served)), Assert.Single(scene.Distributors, d => d.Meters.PublishedFrames > 0).Mqtt.Name);
        Assert.InRange(scene.BlobBytes, CapsuleBytes, 13 * CapsuleBytes / 10);
    }

    [Fact]
    public void LossyDevicesAllComplete()
    {
        using var scene = new PullScene(CapsuleBytes);
        var random = new Random(30);
        scene.Broker.Loses = (client, topic) => client[0] == 'd' && random.NextDouble() < 0.3;
        scene.AddDistributor("a");
        scene.AddDevices(200);

        Assert.True(scene.RunToEnd());

        Report("30 % of blocks dropped for each of 200 devices", scene);
        Assert.All(scene.Devices, d => Assert.True(d.IsRight));
    }

    [Fact]
    public void LossyDevicesMoveOnTogetherThroughTheBlobsOfACapsule()
    {
        double alone = Ratio(hold: 0, loss: 0.3);
        double together = Ratio(hold: 15_000, loss: 0.3);
        double lossless = Ratio(hold: 15_000, loss: 0);

        Assert.InRange(together, 1, 7);
        Assert.True(together < 0.8 * alone, $"{together:0.00} x with a hold, {alone:0.00} x without");
        Assert.InRange(lossless, 1, 1.3);

        double Ratio(long hold, double loss)
        {
            int[] blobs = [1500, 5000, 250 << 10, 27 << 10];
            using var scene = new PullScene(blobs[0], 12, blobs[1..]);
            scene.Broker.LatencyMs = 40;
            var random = new Random(31);
            scene.Broker.Loses = (client, topic) => client[0] == 'd' && random.NextDouble() < loss;
            scene.AddDistributor("a", o => o with { HoldMaxMs = hold });
            long start = scene.Broker.Now;
            scene.AddDevices(200);
            Assert.True(scene.RunToEnd());
            Assert.All(scene.Devices, d => Assert.True(d.IsRight));
            double ratio = (double)scene.BlobBytes / blobs.Sum();
            output.WriteLine($"four blobs, {loss:0 %} lost, held {hold:N0} ms at most: {ratio:0.00} x in {(scene.Broker.Now - start) / 1000.0:0.0} s, {scene.Devices.Sum(d => d.Wants)} wants, {scene.Distributors[0].Meters.Passes} passes");
            return ratio;
        }
    }

    [Fact]
    public void ADeviceThatDiesHoldsTheOthersForAStallAndNoLonger()
    {
        using var scene = new PullScene(CapsuleBytes);
        scene.AddDistributor("a");
        scene.AddDevices(2);
        bool isFirst = true;
        scene.Broker.Loses = (client, _) => client == "d1" && isFirst && scene.BlobBytes < CapsuleBytes / 2;
        Assert.True(scene.Run(() => scene.BlobBytes > CapsuleBytes * 3 / 4, 10_000));
        isFirst = false;
        scene.Devices[0].Mqtt.Disconnect(); // half of the blob was taken, and not a word follows
        scene.Devices.RemoveAt(0);
        long start = scene.Broker.Now;

        Assert.True(scene.RunToEnd());

        output.WriteLine($"held for {scene.Broker.Now - start} ms");
        Assert.InRange(scene.Broker.Now - start, 2600, 4500);
    }

    [Fact]
    public void ALateDeviceJoinsThePassAndGetsTheRestInTheNext()
    {
        using var scene = new PullScene(CapsuleBytes);
        scene.AddDistributor("a");
        scene.AddDevices(1);
        Assert.True(scene.Run(() => scene.BlobBytes > CapsuleBytes / 2, 10_000));

        scene.AddDevices(1);
        Assert.True(scene.RunToEnd());

        Report("one joins in the middle", scene);
        Assert.InRange(scene.BlobBytes, 14 * CapsuleBytes / 10, 18 * CapsuleBytes / 10);
        Assert.Equal(2, scene.Distributors[0].Meters.Passes);
    }

    [Fact]
    public void AStreamIsAsSlowAsItsSlowestWanterButNotSlowerThanTheFloor()
    {
        Assert.InRange(Duration(rate: 0), 300, 1500); // 1 MB/s
        Assert.InRange(Duration(rate: 100_000), 2900, 4000);
        Assert.InRange(Duration(rate: 1), 5900, 7500); // the floor: 50,000 bytes/s

        static long Duration(uint rate)
        {
            using var scene = new PullScene(CapsuleBytes);
            scene.AddDistributor("a", o => o with { FloorRate = 50_000 });
            scene.AddDevices(1);
            scene.Devices.Add(new PullDevice(scene.Broker.Client("slow"), () => scene.Broker.Now, "slow", 1, (scene.Digest, scene.Geometry)) { Rate = rate });
            long start = scene.Broker.Now;
            Assert.True(scene.RunToEnd());
            return scene.Broker.Now - start;
        }
    }

    [Fact]
    public void ABrokerThatDiesInMidStreamCostsOnlyTheRest()
    {
        using var scene = new PullScene(CapsuleBytes);
        scene.AddDistributor("a");
        scene.AddDevices(5);
        Assert.True(scene.Run(() => scene.BlobBytes > CapsuleBytes / 2, 10_000));

        scene.Broker.Kill();
        scene.Run(() => false, 3000);
        scene.Broker.IsDown = false;
        foreach (PullDevice device in scene.Devices)
        {
            device.Mqtt.Connect(null);
        }

        Assert.True(scene.RunToEnd());
        Report("broker killed", scene);
        Assert.All(scene.Devices, d => Assert.True(d.IsRight));
        Assert.InRange(scene.BlobBytes, CapsuleBytes, 12 * CapsuleBytes / 10);
        Assert.NotEmpty(scene.Broker.Retained["nfr/t/p/a"]);
    }

    [Fact]
    public void ADamagedBlobIsNotServed()
    {
        using var scene = new PullScene(CapsuleBytes);
        scene.Blob = [.. scene.Blob];
        scene.Blob[100] ^= 1;
        scene.AddDistributor("a");
        scene.AddDevices(1);

        Assert.False(scene.RunToEnd(20_000));

        Assert.True(scene.Source.Searches > 1, "it was looked for again");
        Assert.Equal(0, scene.BlobBytes);
        Assert.True(scene.Distributors[0].Meters.RefusedWants > 0);
    }

    [Fact]
    public void ASourceThatFailsCostsTheBlobOnly()
    {
        using var scene = new PullScene(CapsuleBytes);
        scene.Source.Fails = new IOException("the disk is gone");
        scene.AddDistributor("a");
        scene.AddDevices(1);
        Assert.False(scene.RunToEnd(5000));

        scene.Source.Fails = null;
        Assert.True(scene.RunToEnd());
        Assert.True(scene.Devices[0].IsRight);
    }

    [Fact]
    public void AFloodOfWantsIsCutAndHostileOnesAreRefused()
    {
        using var scene = new PullScene(CapsuleBytes);
        scene.AddDistributor("a");
        MemoryClient rogue = scene.Broker.Client("rogue");
        rogue.Connect(null);
        Assert.True(scene.Run(() => scene.Distributors[0].Core.IsConnected, 1000));
        byte[] good = new WantDocument(scene.Digest, scene.Geometry, new byte[scene.Geometry.MapBytes], 0).Write();
        for (int i = 0; i < 1000; i++)
        {
            rogue.Publish("nfr/t/d/rogue/want", i % 2 == 0 ? good : good.AsSpan(0, i % good.Length), 1, false);
        }

        scene.Run(() => false, 500);
        Assert.InRange(scene.Distributors[0].Meters.RefusedWants, 980, 1000);

        scene.AddDevices(3);
        Assert.True(scene.RunToEnd());
    }

    [Fact]
    public void WantsForManyBlobsThatAreNotThereLeaveRoomForTheRest()
    {
        using var scene = new PullScene(CapsuleBytes);
        scene.AddDistributor("a", o => o with { WantsPerSecond = 1000, MaxStreams = 8 });
        MemoryClient rogue = scene.Broker.Client("rogue");
        rogue.Connect(null);
        scene.Run(() => false, 100);
        for (int i = 0; i < 500; i++)
        {
            byte[] map = Enumerable.Repeat((byte)0xFF, scene.Geometry.MapBytes).ToArray();
            map[^1] &= (byte)(0xFF >> ((scene.Geometry.MapBytes * 8) - scene.Geometry.Blocks));
            rogue.Publish("nfr/t/d/rogue/want", new WantDocument(Digest.Of([(byte)i, (byte)(i >> 8)]), scene.Geometry, map, 0).Write(), 1, false);
        }

        scene.AddDevices(2);
        Assert.True(scene.RunToEnd());
        Assert.InRange(scene.Distributors[0].Meters.RefusedWants, 500, 600);
    }

    [Fact]
    public void WhatADeadDistributorLeftInTheBrokerDoesNotKeepABlobFromBeingServed()
    {
        using var scene = new PullScene(CapsuleBytes);
        string ghost = Enumerable.Range(0, 100).Select(i => $"ghost-{i}").First(name => Rendezvous.Owner(scene.Digest, ["a", name]) == name);
        scene.Broker.Publish("broker", $"nfr/t/p/{ghost}", new PresenceDocument(ghost, 1).Write(), 1, true);
        scene.AddDistributor("a");
        scene.AddDevices(3);
        Assert.False(scene.RunToEnd(20_000));
        Assert.True(scene.RunToEnd(120_000));
    }

    [Fact]
    public void DistributorsThatAreQuietStayPresent()
    {
        using var scene = new PullScene(CapsuleBytes);
        BlobDistributor a = scene.AddDistributor("a");
        BlobDistributor b = scene.AddDistributor("b");
        scene.Run(() => false, 100_000);
        Assert.Equal((2, 2), (a.Present.Count, b.Present.Count));
    }

    [Fact]
    public void WhoNamesAWrongSizeDoesNotStandInTheWay()
    {
        using var scene = new PullScene(CapsuleBytes);
        scene.Source.IsSlow = true;
        scene.AddDistributor("a");
        MemoryClient rogue = Rogue(scene);
        var wrong = BlockGeometry.For(CapsuleBytes - 1, 12);
        rogue.Publish("nfr/t/d/rogue/want", new WantDocument(scene.Digest, wrong, Map(wrong), 0).Write(), 1, false);
        scene.Run(() => false, 50);
        scene.AddDevices(1);
        scene.Run(() => false, 1000);
        scene.Source.Answer();
        Assert.True(scene.Run(() => scene.Devices[0].IsComplete, 1800)); // its first want counted
    }

    [Fact]
    public void OneDevicesSearchesLeaveRoomAndWhatIsNotThereIsNotLookedForAllTheTime()
    {
        using var scene = new PullScene(CapsuleBytes);
        scene.Source.IsSlow = true;
        scene.AddDistributor("a", o => o with { MaxStreams = 8 });
        MemoryClient rogue = Rogue(scene);
        for (int i = 0; i < 20; i++)
        {
            rogue.Publish("nfr/t/d/rogue/want", new WantDocument(Digest.Of([(byte)i]), scene.Geometry, Map(scene.Geometry), 0).Write(), 1, false);
        }

        scene.Run(() => false, 100);
        Assert.Equal(4, scene.Source.Searches);
        scene.Source.Answer();
        scene.Run(() => false, 1000);
        for (int i = 0; i < 20; i++)
        {
            rogue.Publish("nfr/t/d/rogue/want", new WantDocument(Digest.Of([0]), scene.Geometry, Map(scene.Geometry), 0).Write(), 1, false);
            scene.Run(() => false, 100);
        }

        Assert.Equal(4, scene.Source.Searches);
        scene.AddDevices(1);
        Assert.True(scene.RunToEnd(10_000));
    }

    [Fact]
    public void ASearchThatEndsWhileAnotherBeginsIsNotMadeAgain()
    {
        using var scene = new PullScene(CapsuleBytes, more: 5000);
        scene.Source.IsSlow = true;
        scene.Source.AnswersWhenAskedFor = scene.More[0].Digest;
        scene.AddDistributor("a");
        MemoryClient rogue = Rogue(scene);
        rogue.Publish("nfr/t/d/rogue/want", new WantDocument(scene.Digest, scene.Geometry, Map(scene.Geometry), 0).Write(), 1, false);
        scene.Run(() => false, 100);
        rogue.Publish("nfr/t/d/rogue/want", new WantDocument(scene.More[0].Digest, scene.More[0].Geometry, Map(scene.More[0].Geometry), 0).Write(), 1, false);
        Assert.True(scene.Run(() => scene.BlobBytes >= CapsuleBytes + 5000, 10_000));
        Assert.Equal(2, scene.Source.Searches);
    }

    [Fact]
    public void NonsenseDoesNotFillTheLog()
    {
        var lines = new List<string>();
        using var scene = new PullScene(CapsuleBytes);
        using var meters = new DistributorMeters();
        using MemoryClient mqtt = scene.Broker.Client("a");
        using var core = new BlobDistributor(new DistributorOptions { Tenant = "t", Name = "a" }, mqtt, scene.Source, meters, () => 0.5, scene.Broker.Now, lines.Add);
        MemoryClient rogue = Rogue(scene);
        for (int i = 0; i < 600; i++)
        {
            rogue.Publish("nfr/t/d/rogue/want", [1, 2, 3], 1, false);
            scene.Broker.Now += 100;
            core.Step(scene.Broker.Now);
        }

        Assert.InRange(lines.Count, 50, 360); // five a second, of ten
        Assert.Contains(lines, line => line.Contains("left out", StringComparison.Ordinal));
    }

    private static MemoryClient Rogue(PullScene scene)
    {
        MemoryClient rogue = scene.Broker.Client("rogue");
        rogue.Connect(null);
        scene.Run(() => false, 100);
        return rogue;
    }

    // Everything is missing.
    private static byte[] Map(BlockGeometry geometry)
    {
        byte[] map = Enumerable.Repeat((byte)0xFF, geometry.MapBytes).ToArray();
        map[^1] &= (byte)(0xFF >> ((geometry.MapBytes * 8) - geometry.Blocks));
        return map;
    }

    [Fact]
    public void PresenceIsAnnouncedAndTakenBack()
    {
        using var scene = new PullScene(CapsuleBytes);
        BlobDistributor a = scene.AddDistributor("a");
        BlobDistributor b = scene.AddDistributor("b");
        Assert.True(scene.Run(() => a.Present.Count == 2 && b.Present.Count == 2, 5000));
        Assert.Equal("a", PresenceDocument.Read(scene.Broker.Retained["nfr/t/p/a"]).Distributor);

        b.Stop();
        Assert.True(scene.Run(() => a.Present.Count == 1, 1000));
        Assert.False(scene.Broker.Retained.ContainsKey("nfr/t/p/b"));
    }

    [Fact]
    public void AnOldWillThatComesLateIsPublishedOver()
    {
        using var scene = new PullScene(CapsuleBytes);
        scene.AddDistributor("a");
        Assert.True(scene.Run(() => scene.Broker.Retained.ContainsKey("nfr/t/p/a"), 5000));
        scene.Broker.Publish("broker", "nfr/t/p/a", [], 1, true);
        Assert.True(scene.Run(() => scene.Broker.Retained.ContainsKey("nfr/t/p/a"), 1000));
    }

    private void Report(string what, PullScene scene) =>
        output.WriteLine($"{what}: {scene.BlobBytes:N0} bytes of frames for a blob of {CapsuleBytes:N0} = {(double)scene.BlobBytes / CapsuleBytes:0.00} x, {scene.Devices.Sum(d => d.Wants)} wants");
}
