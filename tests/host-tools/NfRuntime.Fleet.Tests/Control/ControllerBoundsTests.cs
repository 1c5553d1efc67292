using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Data;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Fleet.Tests.Memory;
using NfRuntime.Fleet.Tests.Protocol;
using NfRuntime.Images.Store;
using Xunit;

namespace NfRuntime.Fleet.Tests.Control;

/// <summary>What a controller keeps has bounds, and what it cannot keep it does not do.</summary>
public sealed class ControllerBoundsTests : IDisposable
{
    private readonly ControlScene _scene = new(o => o with { MaxDeployments = 2 });

    [Fact]
    public void TheNewestDeploymentsAreKeptAndNumbersAreNotGivenAgain()
    {
        FakeDevice device = _scene.AddDevice("a");
        for (int i = 1; i <= 8; i++)
        {
            SampleImages.Add(_scene.Store, "fashion", $"{i}", SampleImages.Plan(i, changedTail: 500));
            _scene.Deploy($"fashion:{i}", "a");
            device.ConfirmByRules("fashion");
            _scene.Run(500);
        }

        Assert.Null(_scene.Controller.Deployment("r6"));
        Assert.Equal(["confirmed", "done"], new[] { "r8", "r7" }.Select(id => _scene.Controller.Deployment(id)!.Devices[0].State));
        Assert.Equal(["6", "7", "8"], _scene.Data.Manifests().Select(m => m.Version).Order()); // what the device had when r8 came, and what is kept
        Assert.InRange(Directory.GetFiles(Path.Combine(_scene.DeltaFolder, "blobs", "sha256")).Length, 1, 3);
        Assert.Equal(_scene.Data.Deltas().Count(d => d.Delta is not null), Directory.GetFiles(Path.Combine(_scene.DeltaFolder, "blobs", "sha256")).Length);

        _scene.Kill();
        _scene.Start();
        Assert.Equal("r9", _scene.Deploy("fashion:8", "a").Id);
        Assert.Contains("(r9)", string.Concat(_scene.Controller.Why("a", "fashion").Sentences), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void DeltasThatCannotBeDeletedDoNotMakeAnOperationFail(bool isFolderGone)
    {
        FakeDevice device = _scene.AddDevice("a");
        for (int i = 1; i <= 4; i++)
        {
            SampleImages.Add(_scene.Store, "fashion", $"{i}", SampleImages.Plan(i, changedTail: 500));
            _scene.Deploy($"fashion:{i}", "a");
            device.ConfirmByRules("fashion");
            _scene.Run(500);
        }

        string[] deltas = Directory.GetFiles(Path.Combine(_scene.DeltaFolder, "blobs", "sha256"));
        Assert.NotEmpty(deltas);
        Directory.Delete(_scene.DeltaFolder, recursive: true);
        foreach (string delta in isFolderGone ? [] : deltas)
        {
            Directory.CreateDirectory(delta); // it is there, and deleting it is refused
        }

        int known = _scene.Data.Deltas().Count;
        SampleImages.Add(_scene.Store, "other", "1", SampleImages.Plan(9)); // nothing of it is held: no delta is made
        DeploymentView other = _scene.Deploy("other:1", "a");

        Assert.InRange(_scene.Data.Deltas().Count, 0, known - 1); // the case arose
        Assert.Contains(_scene.Log, line => line.Contains("cannot be deleted", StringComparison.Ordinal));
        Assert.Equal(("r5", 5ul), (other.Id, _scene.Controller.Device("a").Generation));

        _scene.Kill();
        _scene.Start();
        Assert.Equal(5ul, _scene.Controller.Deployment("r5")!.Devices[0].Generation);
        Assert.Contains("other", _scene.Data.Manifests().Select(m => m.Name));
        Assert.Equal("r6", _scene.Controller.RollBack("fashion", new CapsuleRequest { To = ["a"] }).Id);
    }

    [Fact]
    public void ADeviceThatRenamesItsCapsulesHasNoMoreStatsThanCapsules()
    {
        FakeDevice device = _scene.AddDevice("a");
        for (int i = 0; i < 50; i++)
        {
            string name = $"name{i}";
            var capsule = new ReportedCapsule(name, [], null, null, null, 1);
            device.Publish(TopicKind.State, (device.State() with { Capsules = [capsule] }).Write());
            _scene.Run(200);
            device.Publish(TopicKind.Stats, new StatsDocument(1, 60, [new CapsuleStats(name, 0, 1, 1, 1, 1, 1, 0, [], 0, 0, 0)], 1).Write(), retain: false);
            _scene.Run(200);
        }

        Assert.Equal("name49", Assert.Single(_scene.Controller.Stats("a")).Capsule);
    }

    [Fact]
    public void ProgressLeavesRoomForOtherEvents()
    {
        FakeDevice device = _scene.AddDevice("a");
        for (ulong i = 1; i <= 100; i++)
        {
            var capsule = new ReportedCapsule("fashion", [new ReportedVersion(VersionPlace.Candidate, VersionState.Fetching, 1, Samples.Some("m"), 0, 0, 0, "1")], null, (i, 100), null, 1);
            device.Publish(TopicKind.State, (device.State() with { Capsules = [capsule] }).Write());
            _scene.Run(250);
        }

        EventRow last = Assert.Single(_scene.Controller.Events(0, "a", 1000), e => e.Kind == "progress");
        Assert.Contains("\"here\":100", last.Data, StringComparison.Ordinal);
    }

    [Fact]
    public void ARetiredDeviceStaysAwayThoughTheControllerDiedBeforeItsTopicsWereCleared()
    {
        FakeDevice device = _scene.AddDevice("a");
        device.Cut();
        _scene.Devices.Clear();
        _scene.Mqtt.Cut(); // nothing can be published now
        _scene.Controller.Retire("a");
        _scene.Kill();
        _scene.Start();
        _scene.Run(2000);

        Assert.Empty(_scene.Controller.Devices());
        Assert.DoesNotContain(_scene.Broker.Retained.Keys, topic => topic.StartsWith("nfr/t/d/a/", StringComparison.Ordinal));
        Assert.Empty(_scene.Data.Retired());
        _scene.AddDevice("a"); // enrolled again
        Assert.True(_scene.Controller.Device("a").Online);
    }

    [Fact]
    public void WhatCannotBeStoredIsNotPublished()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        FakeDevice device = _scene.AddDevice("a");
        _scene.Deploy("fashion:1", "a");
        _scene.Data.Execute($"PRAGMA max_page_count = {_scene.Data.Scalar("PRAGMA page_count")}"); // as a disk that is full
        int told = 1;
        FleetDatabaseException full = Assert.Throws<FleetDatabaseException>(() =>
        {
            for (; told < 200; told++)
            {
                _scene.Controller.Deploy(new DeploymentRequest { Image = "fashion:1", To = ["a"], Retry = true });
                _scene.Controller.Step();
            }
        });
        Assert.Contains("cannot be written", full.Message, StringComparison.Ordinal);
        Assert.Throws<FleetDatabaseException>(() => _scene.Controller.Step());
        Assert.Throws<FleetDatabaseException>(() => _scene.Controller.Confirm("fashion", new CapsuleRequest { All = true }));
        Assert.Equal((ulong)told, DesiredDocument.Read(_scene.Broker.Retained["nfr/t/d/a/desired"]).Generation); // none of what was refused

        _scene.Kill();
        _scene.Start();
        Assert.Equal((ulong)told, _scene.Controller.Device("a").Generation);
        Assert.Equal((ulong)told, device.Observed);
    }

    [Fact]
    public async Task DevicesAndOperatorsGoOnWhileDeltasAreMade()
    {
        SampleImages.Add(_scene.Store, "large", "1", SampleImages.Plan(1, 2_000_000, 2_000_000));
        SampleImages.Add(_scene.Store, "large", "2", SampleImages.Plan(2, 2_000_000, 2_000_000));
        FakeDevice device = _scene.AddDevice("a");
        _scene.Deploy("large:1", "a");
        device.ConfirmByRules("large");
        _scene.Run(500);

        Task<DeploymentView> deploying = Task.Run(() => _scene.Controller.Deploy(new DeploymentRequest { Image = "large:2", To = ["a"] }), TestContext.Current.CancellationToken);
        int steps = 0;
        for (; !deploying.IsCompleted; steps++)
        {
            _scene.Controller.Step();
            _scene.Controller.Devices();
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.InRange(steps, 10, int.MaxValue);
        Assert.Equal(2ul, (await deploying).Devices[0].Generation);
    }

    [Fact]
    public void AReportThatAnEarlierVersionTookDoesNotKeepTheControllerFromStarting()
    {
        _scene.AddDevice("a");
        _scene.Data.Execute("UPDATE devices SET state = x'a10002', cap = x'00'");
        _scene.Kill();
        _scene.Start();
        Assert.Equal("host", _scene.Controller.Device("a").Target); // it is retained, and came again
    }

    public void Dispose() => _scene.Dispose();
}
