using System;
using System.Linq;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Fleet.Tests.Memory;
using NfRuntime.Fleet.Tests.Protocol;
using NfRuntime.Images;
using Xunit;

namespace NfRuntime.Fleet.Tests.Control;

/// <summary>What is lost, comes late or comes from somebody hostile.</summary>
public sealed class ControllerLossTests : IDisposable
{
    private readonly ControlScene _scene = new();

    [Fact]
    public void ABrokerThatLosesItsRetainedMessagesGetsThemAgain()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        _scene.Controller.PutKeys(SampleImages.KeyList(2));
        _scene.AddDevice("a");
        _scene.Deploy("fashion:1", "a");

        _scene.Broker.Kill();
        _scene.Run(2000);
        Assert.False(_scene.Controller.IsConnected);
        Assert.Empty(_scene.Broker.Retained);
        _scene.Broker.IsDown = false;
        _scene.Run(70_000);

        Assert.True(_scene.Controller.IsConnected);
        Assert.Equal(1ul, DesiredDocument.Read(_scene.Broker.Retained["nfr/t/d/a/desired"]).Generation);
        Assert.Equal(SampleImages.KeyList(2), _scene.Broker.Retained["nfr/t/keys"]);
        Assert.False(_scene.Controller.Device("a").Online); // it did not come back, and the broker could not say so
    }

    [Fact]
    public void AControllerThatIsKilledGoesOnFromItsDatabase()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        SampleImages.Add(_scene.Store, "fashion", "2", SampleImages.Plan(2, changedTail: 9));
        _scene.Controller.PutKeys(SampleImages.KeyList(2));
        FakeDevice device = _scene.AddDevice("a");
        _scene.Deploy("fashion:1", "a");
        DeploymentView told = _scene.Controller.Deploy(new DeploymentRequest { Image = "fashion:2", To = ["a"] }); // answered, and not yet published
        Assert.Single(device.Acted);

        _scene.Kill();
        _scene.Start();

        Assert.Equal(2ul, device.Observed);
        Assert.Equal("trial", _scene.Of(told, "a").State);
        Assert.Single(_scene.Controller.Device("a").Capsules);
        Assert.Equal(SampleImages.KeyList(2), device.Keys);
        Assert.Equal("2", _scene.Controller.Deployment(told.Id)!.Version);
    }

    [Fact]
    public void WithoutItsDatabaseItTakesOverWhatTheBrokerRetains()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        SampleImages.Add(_scene.Store, "kws", "1", SampleImages.Plan(3));
        FakeDevice device = _scene.AddDevice("a");
        _scene.Deploy("fashion:1", "a");
        _scene.Kill();
        _scene.Database = "another.db";
        _scene.Start();

        _scene.Deploy("kws:1", "a");
        Assert.Equal((2ul, 2), (device.Observed, device.Acted[^1].Capsules.Count)); // fashion was not taken for unwanted
    }

    [Fact]
    public void WithNothingButTheDevicesReportItNeitherGoesBackNorRemovesWhatItDoesNotKnow()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        SampleImages.Add(_scene.Store, "kws", "1", SampleImages.Plan(3));
        FakeDevice device = _scene.AddDevice("a");
        _scene.Deploy("fashion:1", "a");
        _scene.Kill();
        _scene.Broker.Publish("broker", "nfr/t/d/a/desired", [], 1, true);
        _scene.Database = "another.db";
        _scene.Start();

        DeploymentView refused = _scene.Deploy("kws:1", "a");
        Assert.Equal("it has capsules that this controller does not know and would remove: fashion", refused.Devices[0].Sentence);
        DeploymentView again = _scene.Deploy("fashion:1", "a");
        Assert.Equal((2ul, "trial"), (again.Devices[0].Generation, again.Devices[0].State));
        Assert.Equal(2ul, device.Observed);
    }

    [Fact]
    public void AnOlderDatabaseIsOvertakenByWhatTheDeviceReports()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        FakeDevice device = _scene.AddDevice("a");
        _scene.Deploy("fashion:1", "a");
        device.Observed = 41;
        device.Report();
        _scene.Run(500);
        Assert.Equal((42ul, 42ul), (_scene.Controller.Device("a").Generation, device.Observed));
    }

    [Fact]
    public void AnOlderDatabaseTakesOverWhatTheBrokerRetainsHoweverSlowlyItComes()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        Digest two = SampleImages.Add(_scene.Store, "fashion", "2", SampleImages.Plan(2, changedTail: 9));
        FakeDevice[] devices = [.. Enumerable.Range(0, 5).Select(i => _scene.AddDevice("d" + i))];
        _scene.Controller.Deploy(new DeploymentRequest { Image = "fashion:1", All = true });
        _scene.Run(500);
        _scene.SaveDatabase("older.db");
        _scene.Controller.Deploy(new DeploymentRequest { Image = "fashion:2", All = true });
        _scene.Run(500);

        _scene.Kill();
        _scene.Broker.Seen.Clear();
        _scene.Broker.RetainedGapMs = 60;
        _scene.Database = "older.db";
        _scene.Start();
        _scene.Run(5000);

        Assert.All(_scene.Broker.Seen.Where(s => s.Topic.EndsWith("desired", StringComparison.Ordinal)), s => Assert.Equal(2ul, DesiredDocument.Read(s.Payload).Generation));
        Assert.All(devices, d => Assert.Equal((two, 2ul), (d.Acted[^1].Capsules[0].Manifest, d.Observed)));
    }

    [Fact]
    public void ADeviceThatStaysBehindGetsTheDocumentAgainButNotAllTheTime()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        FakeDevice device = _scene.AddDevice("a");
        _scene.Deploy("fashion:1", "a");
        for (int i = 0; i < 100; i++)
        {
            device.Observed = 0; // its journal was erased
            device.Publish(TopicKind.State, device.State().Write());
            _scene.Run(300);
        }

        Assert.InRange(device.Acted.Count, 3, 5); // 30 s: once every 10 s
    }

    [Fact]
    public void AGenerationAfterWhichThereIsNoneIsNotBelieved()
    {
        FakeDevice device = _scene.AddDevice("a");
        device.Observed = ulong.MaxValue;
        device.Report();
        _scene.Run(500);
        Assert.Equal("a generation beyond 2^63 − 2", _scene.Controller.Device("a").Malformed!.Last);
        Assert.Equal(0ul, _scene.Controller.Device("a").ObservedGeneration);
    }

    [Fact]
    public void HostileDocumentsAreCountedAndShownAndStopNothing()
    {
        FakeDevice device = _scene.AddDevice("a");
        MemoryClient rogue = _scene.Broker.Client("rogue");
        rogue.Connect(null);
        var random = new Random(9);
        string[] leaves = ["online", "cap", "state", "log", "stats", "nonsense", "want"];
        for (int i = 0; i < 2000; i++)
        {
            byte[] bytes = new byte[random.Next(1, i % 50 == 0 ? 20_000 : 200)];
            random.NextBytes(bytes);
            rogue.Publish($"nfr/t/d/rogue/{leaves[i % leaves.Length]}", bytes, 1, i % 2 == 0);
            rogue.Publish($"nfr/t/d/NOT A NAME/{leaves[i % leaves.Length]}", bytes, 1, false);
        }

        _scene.Run(2000);
        DeviceView shown = _scene.Controller.Device("rogue");
        Assert.True(shown.Malformed!.Count > 10);
        Assert.NotNull(shown.Malformed.Last);
        Assert.Equal(["a", "rogue"], _scene.Controller.Devices().Select(d => d.Device));
        Assert.Contains(_scene.Controller.Why("rogue", null).Sentences, s => s.Contains("never reported", StringComparison.Ordinal));

        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        Assert.Equal("trial", _scene.Deploy("fashion:1", "a").Devices[0].State);
        Assert.Single(device.Acted);
    }

    [Fact]
    public void AFloodOfLogsIsCutAndTheLastStateIsNotLost()
    {
        FakeDevice device = _scene.AddDevice("a");
        for (int i = 0; i < 500; i++)
        {
            device.Publish(TopicKind.Log, new LogDocument(1, (uint)i, [new LogEntry(1, 2, 3, "", "line " + i)], 0).Write(), retain: false);
        }

        device.Observed = 77;
        device.Report();
        _scene.Run(5000);
        Assert.InRange(_scene.Controller.Events(0, "a", 10_000).Count(e => e.Kind == "log"), 20, 100);
        Assert.Equal(77ul, _scene.Controller.Device("a").ObservedGeneration);
    }

    [Fact]
    public void TextOfDevicesCannotWriteToATerminal()
    {
        FakeDevice device = _scene.AddDevice("a", Samples.Capabilities() with { Board = "\u001b[2Jboard\n\u202e" });
        device.Publish(TopicKind.Log, new LogDocument(1, 1, [new LogEntry(1, 2, 3, "", "\u001b]0;owned\u0007 ok")], 0).Write(), retain: false);
        _scene.Run(500);
        Assert.Equal("?[2Jboard??", _scene.Controller.Device("a").Board);
        Assert.Contains("?]0;owned? ok", _scene.Controller.Events(0, "a", 100).Single(e => e.Kind == "log").Data);
    }

    [Fact]
    public void OnlineFollowsTheWill()
    {
        FakeDevice device = _scene.AddDevice("a");
        Assert.True(_scene.Controller.Device("a").Online);
        device.Cut();
        _scene.Run(500);
        Assert.False(_scene.Controller.Device("a").Online);
        Assert.Contains("a is offline", _scene.Controller.Why("a", null).Sentences[0], StringComparison.Ordinal);
    }

    [Fact]
    public void StatsKeepTheNewestOfEachVersion()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        FakeDevice device = _scene.AddDevice("a");
        _scene.Deploy("fashion:1", "a");
        foreach (ulong inferences in new ulong[] { 100, 200 })
        {
            device.Publish(TopicKind.Stats, new StatsDocument(5, 60, [new CapsuleStats("fashion", 1, inferences, 1, 5000, 6000, 7000, 0, [90, 10], 5500, 2, 100), new CapsuleStats("unheard-of", 0, 1, 1, 1, 1, 1, 0, [], 0, 0, 0)], 1).Write(), retain: false);
            _scene.Run(100);
        }

        StatsView stats = Assert.Single(_scene.Controller.Stats(null));
        Assert.Equal(("a", "fashion", "candidate", 200ul, 5500ul), (stats.Device, stats.Capsule, stats.Place, stats.Inferences, stats.BlackoutUs));
        Assert.Empty(_scene.Controller.Stats("b"));
    }

    [Fact]
    public void DistributorsAreListedWhileTheyArePresent()
    {
        _scene.Broker.Publish("d", "nfr/t/p/one", new PresenceDocument("one", 1_790_000_000_000, new PresenceCounts(5, 6, 7)).Write(), 1, true);
        _scene.Broker.Publish("d", "nfr/t/p/two", new PresenceDocument("one", 5).Write(), 1, true); // says that it is another one
        _scene.Broker.Publish("d", "nfr/t/p/three", [1, 2], 1, true);
        _scene.Run(100);
        DistributorView one = Assert.Single(_scene.Controller.Distributors());
        Assert.Equal(("one", 5ul, 6ul, 7u), (one.Distributor, one.PublishedBytes!.Value, one.PublishedFrames!.Value, one.Streams!.Value));
        _scene.Broker.Publish("d", "nfr/t/p/one", [], 1, true);
        _scene.Run(100);
        Assert.Empty(_scene.Controller.Distributors());
    }

    [Fact]
    public void EveryReasonHasASentenceAndARemedy()
    {
        int[] known = [.. Enumerable.Range(1, 24), .. Enumerable.Range(128, 8)];
        Assert.Equal(known, Reasons.All.Order());
        Assert.All(known, reason => Assert.DoesNotContain("does not know:", Reasons.Clause(reason, 0), StringComparison.Ordinal));
        Assert.Equal(known.Length, known.Select(r => Reasons.Clause(r, 0)).Distinct().Count());
        Assert.All(known, reason => Assert.EndsWith(".", Reasons.Remedy(reason).Replace('?', '.'), StringComparison.Ordinal));
        Assert.Equal("its answers differ from the golden vectors (case 0, the output itself)", Reasons.Clause(Reasons.SelfTest, 1023));
        Assert.Equal("a reason that this version does not know: 77", Reasons.Clause(77, 0));
    }

    public void Dispose() => _scene.Dispose();
}
