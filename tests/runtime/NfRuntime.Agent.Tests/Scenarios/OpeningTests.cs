using NfRuntime.Native;
using NfRuntime.Simulation.Capsules;
using NfRuntime.Simulation.World;
using Xunit;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>Versions that cannot be opened, or not at once.</summary>
public class OpeningTests
{
    [Fact]
    public void Keys_that_were_rotated_meanwhile_come_while_a_large_version_is_opened()
    {
        TinyCapsule large = Scenario.Capsule(1, 1, padding: 300_000);
        using Scenario scenario = Scenario.With(large, settings: new DeviceSettings(Scenario.Publisher.RootKey) { FlashBlocks = 100 });
        scenario.Fleet.Controller.Keys = Scenario.Publisher.KeyList(2);
        scenario.Device.Reset(1);
        scenario.Fleet.Run(30_000);
        Assert.True(scenario.Device.Agent.Find(Scenario.Name).IsServing);
        Assert.Equal(2, scenario.Device.Store.KeyListVersion);
    }

    [Fact]
    public void A_version_whose_key_was_revoked_can_be_replaced()
    {
        using Scenario scenario = new();
        scenario.Fleet.Controller.Keys = Scenario.Publisher.KeyList(2, isRevoked: false);
        TinyCapsule revoked = Scenario.Capsule(1, 1, Flaw.RevokedKey);
        scenario.Fleet.Start();
        scenario.Want(revoked);
        scenario.Until(() => scenario.IsConfirmed(revoked), "confirmed before its key is revoked");
        scenario.Fleet.Controller.Keys = Scenario.Publisher.KeyList(3);
        scenario.Fleet.Run(5000);
        scenario.Device.Reset(1);
        scenario.Fleet.Run(Scenario.Minute);
        Assert.False(scenario.Device.Agent.Find(Scenario.Name).IsServing);

        TinyCapsule good = Scenario.Capsule(1, 2);
        scenario.Want(good);
        scenario.Until(() => scenario.IsConfirmed(good), "the replacement is confirmed");
    }

    [Fact]
    public void Flash_that_rotted_while_the_device_was_off_is_fetched_again_and_serves()
    {
        const int Blocks = 40; // of 4 KB; the model takes more than half of them, so that the middle is its
        TinyCapsule large = Scenario.Capsule(1, 1, padding: 90_000);
        using Scenario scenario = Scenario.With(large, settings: new DeviceSettings(Scenario.Publisher.RootKey) { FlashBlocks = Blocks, ScrubMilliseconds = 0 });
        scenario.Device.Flash.Flip(FlashRegion.Blobs, Blocks * 4096 / 2, 3);
        scenario.Device.Reset(1);
        scenario.Fleet.Run(1000);
        scenario.Until(() => scenario.IsConfirmed(large) && scenario.Device.Agent.Find(Scenario.Name).IsServing, "serves again");
        Assert.True(scenario.Device.Agent.Report.BlockBytes >= large.Model.Length);
        Assert.Equal(1, scenario.Device.Resets);
    }
}
