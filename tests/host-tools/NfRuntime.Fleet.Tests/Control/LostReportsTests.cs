using System;
using System.Linq;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Fleet.Tests.Memory;
using Xunit;

namespace NfRuntime.Fleet.Tests.Control;

/// <summary>Reports that the broker dropped for the controller: its queue was full.</summary>
public sealed class LostReportsTests : IDisposable
{
    private readonly ControlScene _scene = new();

    [Theory]
    [InlineData("online")]
    [InlineData("cap")]
    [InlineData("state")]
    public void AReportThatWasDroppedWhenTheDeviceCameOnIsAskedFor(string leaf)
    {
        _scene.Broker.Drops = (client, topic) => client == "controller" && topic.EndsWith(leaf, StringComparison.Ordinal);
        _scene.AddDevice("a");
        _scene.Broker.Drops = (_, _) => false;
        Assert.False(IsComplete("a"));

        _scene.Run(10_000);
        Assert.True(IsComplete("a"));
        Assert.Equal(["nfr/t/d/a/" + leaf], _scene.Mqtt.Asked);
    }

    [Fact]
    public void WhatWasDroppedWhenTheControllerCameBackIsAskedFor()
    {
        _scene.AddDevice("a");
        _scene.AddDevice("b");
        _scene.Kill();
        _scene.Database = "another.db";
        _scene.Broker.Drops = (client, topic) => client == "controller" && topic.StartsWith("nfr/t/d/b/", StringComparison.Ordinal);
        _scene.Start();
        _scene.Controller.AddDevice("b"); // it is enrolled
        _scene.Broker.Drops = (_, _) => false;
        _scene.Run(10_000);
        Assert.True(IsComplete("a") && IsComplete("b"));
        Assert.DoesNotContain(_scene.Mqtt.Asked, topic => topic.Contains("/d/a/", StringComparison.Ordinal));
    }

    [Fact]
    public void CapabilitiesOfAnEarlierBootAreNotTakenForThoseOfThisOne()
    {
        FakeDevice device = _scene.AddDevice("a");
        device.Cut();
        _scene.Broker.Drops = (client, topic) => client == "controller" && topic.EndsWith("cap", StringComparison.Ordinal);
        device.BootId = 2; // with other firmware
        device.Capabilities = device.Capabilities with { ArenaBytes = 77 };
        device.Mqtt.Connect(null);
        _scene.Run(1000);
        _scene.Broker.Drops = (_, _) => false;
        Assert.Equal(200_000, _scene.Controller.Device("a").ArenaBytes);

        _scene.Run(10_000);
        Assert.Equal(77, _scene.Controller.Device("a").ArenaBytes);
    }

    [Fact]
    public void AStateThatStaysBehindIsAskedFor()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        _scene.AddDevice("a");
        _scene.Broker.Drops = (client, topic) => client == "controller" && topic.EndsWith("state", StringComparison.Ordinal);
        DeploymentView view = _scene.Deploy("fashion:1", "a");
        _scene.Broker.Drops = (_, _) => false;
        Assert.Equal("pending", view.Devices[0].State);

        _scene.Run(20_000);
        Assert.Equal("trial", _scene.Of(view, "a").State);
    }

    [Fact]
    public void AGapInADevicesLogSaysThatSomethingWasDropped()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        FakeDevice device = _scene.AddDevice("a");
        DeploymentView view = _scene.Deploy("fashion:1", "a");
        Log(device, 7);
        _scene.Broker.Drops = (client, _) => client == "controller";
        device.ConfirmByRules("fashion");
        Log(device, 8);
        _scene.Run(100);
        _scene.Broker.Drops = (_, _) => false;
        _scene.Run(10_000);
        Assert.Equal("trial", _scene.Of(view, "a").State); // nothing shows that there was more

        Log(device, 9);
        _scene.Run(10_000);
        Assert.Equal("confirmed", _scene.Of(view, "a").State);
    }

    [Fact]
    public void AStateOfWhichNothingIsKnownForLongIsLookedAt()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        FakeDevice device = _scene.AddDevice("a");
        DeploymentView view = _scene.Deploy("fashion:1", "a");
        _scene.Broker.Drops = (client, _) => client == "controller";
        device.ConfirmByRules("fashion");
        _scene.Run(100);
        _scene.Broker.Drops = (_, _) => false;
        DateTimeOffset? seen = _scene.Controller.Device("a").LastSeen;

        _scene.Run(11 * 60_000);
        Assert.Equal("confirmed", _scene.Of(view, "a").State);
        Assert.Equal(seen, _scene.Controller.Device("a").LastSeen); // the broker spoke, not the device
    }

    [Fact]
    public void WhatIsNotThereIsAskedForLessAndLessOften()
    {
        _scene.Controller.AddDevice("never-on");
        _scene.Run(3_600_000);
        Assert.InRange(_scene.Mqtt.Asked.Count, 3 * 6, 3 * 14); // 5 s, 10 s, … 10 min
    }

    [Fact]
    public void ThousandsThatAreMissingAreAskedForSlowlyAndEachHasItsTurn()
    {
        for (int i = 0; i < 3000; i++)
        {
            _scene.Controller.AddDevice($"d{i}");
        }

        _scene.Run(60_000);
        Assert.InRange(_scene.Mqtt.Asked.Count, 50 * 45, 50 * 61);
        _scene.Run(140_000);
        Assert.Equal(9000, _scene.Mqtt.Asked.Distinct().Count());
    }

    public void Dispose() => _scene.Dispose();

    private static void Log(FakeDevice device, uint sequence) =>
        device.Publish(TopicKind.Log, new LogDocument(device.BootId, sequence, [new LogEntry(1, 2, 3, "", "line")], 0).Write(), retain: false);

    private bool IsComplete(string device) => _scene.Controller.Device(device) is { Online: true, Target: not null, BootId: not null };
}
