using System;
using System.Linq;
using NfRuntime.Agent.Protocol;
using NfRuntime.Simulation.Capsules;
using Xunit;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>What is tried again: it is, and the agent is at rest before and after.</summary>
public class RetryTests
{
    private static readonly TinyCapsule _one = Scenario.Capsule(1, 1);

    [Fact]
    public void What_found_no_room_is_tried_again_after_an_hour()
    {
        const string Big = "acme/big";
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(Scenario.Capsule(1, 30, name: Big, padding: 200_000));
        scenario.Fleet.Run(Scenario.Minute);
        Assert.Equal(1, Refusals(scenario));
        scenario.Fleet.Run(58 * Scenario.Minute);
        Assert.Equal(1, Refusals(scenario));

        long steps = scenario.Device.Steps;
        scenario.Fleet.Run(2 * Scenario.Minute);
        Assert.Equal(2, Refusals(scenario));
        Assert.True(scenario.Device.Steps - steps < 5000, $"{scenario.Device.Steps - steps} steps in two minutes");
    }

    [Fact]
    public void Wrong_bytes_bar_no_good_version()
    {
        TinyCapsule wrong = Scenario.Capsule(1, 2, Flaw.WrongBytes);
        TinyCapsule right = Scenario.Capsule(1, 2);
        Assert.Equal(wrong.Digest, right.Digest);
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(wrong);
        Slowly(scenario, () => scenario.Record.RejectedDetail == 3, 30);
        Assert.Equal(AgentReason.Digest, scenario.Record.RejectedReason);
        Assert.Equal(0, scenario.Record.Failures);
        Assert.True(scenario.IsConfirmed(_one));
        scenario.Fleet.Publish(right); // the source has been mended; nobody tells the device
        Slowly(scenario, () => scenario.IsConfirmed(right), 60);
        Assert.Equal(0, scenario.Record.RejectedReason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_source_of_wrong_bytes_does_not_wear_flash_out(bool isReset)
    {
        const int Hours = 96;
        TinyCapsule wrong = Scenario.Capsule(1, 2, Flaw.WrongBytes);
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(wrong);
        for (int minutes = 0; minutes < Hours * 60; minutes += 10)
        {
            scenario.Fleet.Run(10 * Scenario.Minute);
            if (isReset)
            {
                scenario.Device.Reset(1);
            }
            else
            {
                scenario.Fleet.Broker.Inject("nfr/acme/d/device-0/desired", scenario.Fleet.Controller.Document("device-0")); // again, as after each loss of the broker
            }
        }

        scenario.Fleet.Run(1000);
        // 5 tries in the first three hours, then one in 3 h on average (uniform in 6 h); each rewrites the blob three times.
        Assert.InRange(scenario.Record.RejectedDetail, 8, 70);
        Assert.True(scenario.IsConfirmed(_one));
    }

    [Fact]
    public void The_operator_s_retry_ends_the_wait()
    {
        TinyCapsule wrong = Scenario.Capsule(1, 2, Flaw.WrongBytes);
        TinyCapsule right = Scenario.Capsule(1, 2);
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(wrong);
        Slowly(scenario, () => scenario.Record.RejectedDetail == 6, 24 * 60); // now it waits for hours
        scenario.Want(right, retry: true);
        scenario.Until(() => scenario.IsConfirmed(right), "confirmed at once", Scenario.Minute);
    }

    private static void Slowly(Scenario scenario, Func<bool> isSo, int minutes) =>
        Assert.True(scenario.Fleet.RunUntil(isSo, minutes * Scenario.Minute, 10_000, Scenario.Name));

    private static int Refusals(Scenario scenario) => scenario.Log.Count(s => s.Contains("refused: store ", StringComparison.Ordinal));
}
