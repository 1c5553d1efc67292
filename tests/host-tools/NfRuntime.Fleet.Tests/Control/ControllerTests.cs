using System;
using System.Linq;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Control;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Fleet.Tests.Memory;
using NfRuntime.Fleet.Tests.Protocol;
using NfRuntime.Images;
using Xunit;

namespace NfRuntime.Fleet.Tests.Control;

public sealed class ControllerTests : IDisposable
{
    private readonly ControlScene _scene = new();

    [Fact]
    public void DeployConfirmAndRollBackReachTheDevice()
    {
        Digest one = SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        Digest two = SampleImages.Add(_scene.Store, "fashion", "2", SampleImages.Plan(2, changedTail: 500));
        FakeDevice device = _scene.AddDevice("a");

        DeploymentView first = _scene.Deploy("fashion:1", "a");
        Assert.Equal("trial", _scene.Of(first, "a").State);
        DeploymentView confirm = _scene.Controller.Confirm("fashion", new CapsuleRequest { To = ["a"] });
        _scene.Run(500);
        Assert.Equal(("confirmed", one), (_scene.Of(confirm, "a").State, device.Confirmed("fashion")));

        DeploymentView second = _scene.Deploy("fashion:2", "a");
        device.ConfirmByRules("fashion");
        _scene.Run(500);
        Assert.Equal(("confirmed", two), (_scene.Of(second, "a").State, device.Confirmed("fashion")));

        DeploymentView back = _scene.Controller.RollBack("fashion", new CapsuleRequest { To = ["a"] });
        _scene.Run(500);
        Assert.Equal(("done", one), (_scene.Of(back, "a").State, device.Confirmed("fashion")));
        Assert.Equal(("1", "rejected"), (back.Version, _scene.Of(second, "a").State));
        Assert.Equal([1ul, 2, 3, 4], device.Acted.Select(d => d.Generation));

        DeploymentView removed = _scene.Controller.Remove("fashion", new CapsuleRequest { All = true });
        _scene.Run(500);
        Assert.Equal("done", _scene.Of(removed, "a").State);
        Assert.Empty(device.Acted[^1].Capsules);
    }

    [Fact]
    public void RollingBackACandidateGoesToTheConfirmedOne()
    {
        Digest one = SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        SampleImages.Add(_scene.Store, "fashion", "2", SampleImages.Plan(2, changedTail: 500));
        FakeDevice device = _scene.AddDevice("a");
        _scene.Deploy("fashion:1", "a");
        device.ConfirmByRules("fashion");
        DeploymentView second = _scene.Deploy("fashion:2", "a");
        Assert.Equal("trial", _scene.Of(second, "a").State);

        DeploymentView back = _scene.Controller.RollBack("fashion", new CapsuleRequest { To = ["a"] });
        _scene.Run(500);
        Assert.Equal("done", _scene.Of(back, "a").State);
        Assert.Equal(one, device.Acted[^1].Capsules[0].Manifest);
        Assert.Contains(_scene.Controller.Why("a", "fashion").Sentences, s => s.StartsWith("fashion was rolled back to 1 by the operator at 2027-", StringComparison.Ordinal) && s.EndsWith("(r3): done.", StringComparison.Ordinal));
    }

    [Fact]
    public void OfTwoDeploymentsThatRaceTheLaterOneWinsEverywhere()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        Digest two = SampleImages.Add(_scene.Store, "fashion", "2", SampleImages.Plan(2, changedTail: 500));
        FakeDevice[] devices = [.. Enumerable.Range(0, 5).Select(i => _scene.AddDevice("d" + i))];

        DeploymentView first = _scene.Controller.Deploy(new DeploymentRequest { Image = "fashion:1", All = true });
        DeploymentView second = _scene.Controller.Deploy(new DeploymentRequest { Image = "fashion:2", All = true });
        _scene.Run(500);

        Assert.All(devices, d => Assert.Equal((two, 2ul), (d.Acted[^1].Capsules[0].Manifest, d.Observed)));
        Assert.All(_scene.Controller.Deployment(second.Id)!.Devices, d => Assert.Equal("trial", d.State));
        Assert.All(_scene.Controller.Deployment(first.Id)!.Devices, d => Assert.Equal(("superseded", "a later deployment has taken its place"), (d.State, d.Sentence)));
    }

    [Fact]
    public void WhoeverWasOvertakenIsToldWithoutWaitingForTheDevice()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        SampleImages.Add(_scene.Store, "fashion", "2", SampleImages.Plan(2, changedTail: 500));
        _scene.AddDevice("a").Cut();
        DeploymentView first = _scene.Controller.Deploy(new DeploymentRequest { Image = "fashion:1", All = true });
        DeploymentView removed = _scene.Controller.Remove("fashion", new CapsuleRequest { All = true });
        DeploymentView last = _scene.Controller.Deploy(new DeploymentRequest { Image = "fashion:2", All = true });
        Assert.Equal(["superseded", "superseded", "pending"], new[] { first, removed, last }.Select(d => _scene.Of(d, "a").State));
    }

    [Fact]
    public void AnotherCapsuleLeavesTheFirstOneInPlace()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        SampleImages.Add(_scene.Store, "kws", "1", SampleImages.Plan(3));
        FakeDevice device = _scene.AddDevice("a");
        _scene.Deploy("fashion:1", "a");
        _scene.Deploy("kws:1", "a");
        Assert.Equal(["fashion", "kws"], device.Acted[^1].Capsules.Select(c => c.Name));
    }

    [Fact]
    public void ARetryNamesItsGenerationAndRulesAndModeArePassedOn()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        FakeDevice device = _scene.AddDevice("a");
        _scene.Deploy("fashion:1", "a");
        _scene.Controller.Deploy(new DeploymentRequest { Image = "fashion:1", To = ["a"], Retry = true, Shadow = true, Confirm = "manual", Rules = new RulesRequest { Inferences = 5, ShadowPermille = 100 } });
        _scene.Run(500);

        DesiredCapsule wanted = device.Acted[^1].Capsules[0];
        Assert.Equal((2ul, DesiredMode.Shadow, DesiredConfirm.ByHand), (wanted.Retry, wanted.Mode, wanted.Confirm));
        Assert.Equal(new DesiredRules(5, null, null, 100), wanted.Rules);
    }

    [Fact]
    public void WhatDoesNotFitIsRefusedBeforeAnythingIsWrittenWithTheDeficitInWords()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1), arena: 38_912);
        FakeDevice small = _scene.AddDevice("small", Samples.Capabilities() with { ArenaBytes = 31_744 });
        FakeDevice other = _scene.AddDevice("other", Samples.Capabilities("cortex-m4"));
        FakeDevice large = _scene.AddDevice("large");

        DeploymentView view = _scene.Deploy("fashion:1", "small", "other", "large");

        Assert.Equal(("refused", "it does not fit: arena 38,912 needed, 31,744 there"), (view.Devices[0].State, view.Devices[0].Sentence));
        Assert.Equal(("refused", "the image has no variant for its target cortex-m4"), (view.Devices[1].State, view.Devices[1].Sentence));
        Assert.Equal("trial", view.Devices[2].State);
        Assert.Empty(small.Acted);
        Assert.Empty(other.Acted);
        Assert.Single(large.Acted);
    }

    [Fact]
    public void DeltasAreMadeFromWhatTheDeviceHolds()
    {
        byte[] old = SampleImages.Plan(1);
        byte[] retrained = SampleImages.Plan(2, changedTail: 700);
        SampleImages.Add(_scene.Store, "fashion", "1", old);
        SampleImages.Add(_scene.Store, "fashion", "2", retrained);
        FakeDevice device = _scene.AddDevice("a");
        FakeDevice plain = _scene.AddDevice("plain", Samples.Capabilities() with { Sources = 1 });
        _scene.Deploy("fashion:1", "a", "plain");
        device.ConfirmByRules("fashion");
        plain.ConfirmByRules("fashion");
        _scene.Run(500);
        _scene.Deploy("fashion:2", "a", "plain");

        DesiredDelta delta = Assert.Single(device.Acted[^1].Capsules[0].Deltas);
        Assert.Equal((Digest.Of(old), Digest.Of(retrained)), (delta.Base, delta.Target));
        Assert.InRange(delta.DeltaBytes, 700, 900);
        byte[] blob = System.IO.File.ReadAllBytes(System.IO.Path.Combine(_scene.DeltaFolder, "blobs", "sha256", delta.Delta.Hex));
        Assert.Equal(retrained, DeltaFormat.Apply(blob, old));
        Assert.Empty(plain.Acted[^1].Capsules[0].Deltas);
    }

    [Fact]
    public void ProgressRefusalsAndRejectionsAreShown()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        FakeDevice device = _scene.AddDevice("a");
        device.Fetches = (1000, 20_000);
        DeploymentView view = _scene.Deploy("fashion:1", "a");
        Assert.Equal(("fetching", new ProgressView(1000, 20_000)), (view.Devices[0].State, view.Devices[0].Progress));

        SampleImages.Add(_scene.Store, "fashion", "2", SampleImages.Plan(2, changedTail: 10));
        device.Rejects = (Reasons.SelfTest, (3 << 10) | 5);
        view = _scene.Deploy("fashion:2", "a");
        Assert.Equal(("rejected", "its answers differ from the golden vectors (case 3, operator 5)"), (view.Devices[0].State, view.Devices[0].Sentence));

        SampleImages.Add(_scene.Store, "fashion", "3", SampleImages.Plan(3, changedTail: 10));
        device.Refuses = (4, "arena 38,912 needed, 31,744 free");
        view = _scene.Deploy("fashion:3", "a");
        Assert.Equal(("refused", "it needs more memory than this device has free: arena 38,912 needed, 31,744 free"), (view.Devices[0].State, view.Devices[0].Sentence));
        Assert.NotNull(view.Devices[0].Remedy);

        WhyView why = _scene.Controller.Why("a", "fashion");
        Assert.Contains("fashion 2 was rejected: its answers differ from the golden vectors (case 3, operator 5).", why.Sentences);
        Assert.Contains("a refused fashion 3: it needs more memory than this device has free: arena 38,912 needed, 31,744 free.", why.Sentences);
        Assert.Equal("Compile a smaller model, or remove another capsule from the device.", why.Remedy);
    }

    [Fact]
    public void WrongRequestsSayWhatIsWrong()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        _scene.AddDevice("a");
        Assert.Equal(5021, Refused(() => _scene.Controller.Deploy(new DeploymentRequest { Image = "nothing:1", All = true })));
        Assert.Equal(8004, Refused(() => _scene.Controller.Deploy(new DeploymentRequest { Image = "fashion:1", To = ["nobody"] })));
        Assert.Equal(8006, Refused(() => _scene.Controller.Deploy(new DeploymentRequest { Image = "fashion:1" })));
        Assert.Equal(8006, Refused(() => _scene.Controller.Deploy(new DeploymentRequest { Image = "fashion:1", To = ["a"], All = true })));
        Assert.Equal(8006, Refused(() => _scene.Controller.Deploy(new DeploymentRequest { Image = "fashion:1", All = true, Confirm = "perhaps" })));
        Assert.Equal(8006, Refused(() => _scene.Controller.Deploy(new DeploymentRequest { Image = "fashion:1", All = true, Rules = new RulesRequest { ErrorsPerStrike = 0 } })));
        Assert.Equal(8005, Refused(() => _scene.Controller.Confirm("fashion", new CapsuleRequest { To = ["a"] })));
        Assert.Equal(8005, Refused(() => _scene.Controller.RollBack("fashion", new CapsuleRequest { All = true })));
        Assert.Equal(8005, Refused(() => _scene.Controller.Remove("fashion", new CapsuleRequest { All = true })));
        Assert.Equal(0ul, _scene.Controller.Device("a").Generation);
    }

    [Fact]
    public void ADamagedImageIsNotDeployed()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        _scene.AddDevice("a");
        string blobs = System.IO.Path.Combine(_scene.Store.Root, "blobs", "sha256");
        foreach (string file in System.IO.Directory.GetFiles(blobs).Where(f => new System.IO.FileInfo(f).Length is > 200 and < 1000))
        {
            byte[] bytes = System.IO.File.ReadAllBytes(file);
            bytes[^1] ^= 1;
            System.IO.File.WriteAllBytes(file, bytes);
        }

        Assert.Equal(5022, Refused(() => _scene.Controller.Deploy(new DeploymentRequest { Image = "fashion:1", All = true })));
    }

    [Fact]
    public void KeyListsGoUpOnlyAndReachDevicesThatComeLater()
    {
        Assert.Equal(8008, Refused(() => { _scene.Controller.PutKeys([1, 2, 3]); return 0; }));
        Assert.Equal(8008, Refused(() => { _scene.Controller.PutKeys(SampleImages.KeyList(1, SampleImages.Publisher)); return 0; }));
        _scene.Controller.PutKeys(SampleImages.KeyList(2));
        Assert.Equal(8008, Refused(() => { _scene.Controller.PutKeys(SampleImages.KeyList(1)); return 0; }));
        _scene.Run(500);
        Assert.Equal(SampleImages.KeyList(2), _scene.AddDevice("late").Keys);
    }

    [Fact]
    public void ARetiredDeviceLeavesNothing()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        FakeDevice device = _scene.AddDevice("a");
        _scene.Deploy("fashion:1", "a");
        device.Cut();
        _scene.Devices.Clear();
        _scene.Run(100);

        _scene.Controller.Retire("a");
        _scene.Run(500);

        Assert.DoesNotContain(_scene.Broker.Retained.Keys, topic => topic.StartsWith("nfr/t/d/a/", StringComparison.Ordinal));
        Assert.Empty(_scene.Controller.Devices());
        Assert.Equal(8004, Refused(() => _scene.Controller.Device("a")));
    }

    public void Dispose() => _scene.Dispose();

    private static int Refused<T>(Func<T> action) => Assert.Throws<FleetException>(() => { action(); }).Code;
}
