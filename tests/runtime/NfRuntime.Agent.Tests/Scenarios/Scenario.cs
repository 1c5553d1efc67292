using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Agent.Lifecycle;
using NfRuntime.Native;
using NfRuntime.Simulation.Capsules;
using NfRuntime.Simulation.World;
using Xunit;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>One device with the real store and engine, a broker in memory, a controller and distributors, on virtual time.</summary>
internal sealed class Scenario : IDisposable
{
    public const string Name = "acme/eye";
    public const long Minute = 60_000;

    public static readonly Publisher Publisher = new();

    public Scenario(int distributors = 1, int devices = 1, DeviceSettings? settings = null, NetworkFaults? faults = null, int seed = 1)
    {
        Fleet = new SimulatedFleet(Publisher, seed, devices, distributors, settings ?? new DeviceSettings(Publisher.RootKey), faults);
        Fleet.Broker.Observer = (topic, payload) =>
        {
            if (topic.EndsWith("/log", StringComparison.Ordinal))
            {
                Log.AddRange(LogReader.Sentences(payload));
            }
        };
    }

    /// <summary>What the devices said.</summary>
    public List<string> Log { get; } = [];

    public SimulatedFleet Fleet { get; }

    public SimulatedDevice Device => Fleet.Devices[0];

    public NameRecord Record => Device.Record(Name) ?? throw new InvalidOperationException("the store has no such name");

    /// <summary>A capsule; the same for the same arguments.</summary>
    public static TinyCapsule Capsule(uint counter = 1, int seed = 1, Flaw flaw = Flaw.None, string name = Name, int padding = 0) =>
        new(Publisher, name, counter, seed, flaw, padding);

    public void Want(TinyCapsule capsule, int mode = 0, int confirm = 1, bool retry = false, IReadOnlyDictionary<int, int>? rules = null)
    {
        Fleet.Publish(capsule);
        foreach (SimulatedDevice device in Fleet.Devices)
        {
            Fleet.Controller.Want(device.Name, capsule.Name, new Wish(capsule, mode, confirm, retry ? 1u : 0, rules ?? Wish.QuickRules));
        }
    }

    /// <summary>Runs, with inferences, until it is so.</summary>
    public void Until(Func<bool> isSo, string what, long milliseconds = 5 * Minute) =>
        Assert.True(Fleet.RunUntil(isSo, milliseconds, 200, Name), what);

    public bool IsConfirmed(TinyCapsule capsule) =>
        Device.IsOn && Device.Record(Name) is { } record && record.Confirmed.State == LifecycleNumbers.StateConfirmed && record.Confirmed.Manifest.SequenceEqual(capsule.Digest);

    /// <summary>A device on which a capsule is confirmed and serves.</summary>
    public static Scenario With(TinyCapsule confirmed, int distributors = 1, DeviceSettings? settings = null)
    {
        Scenario scenario = new(distributors, settings: settings);
        scenario.Fleet.Start();
        scenario.Want(confirmed);
        scenario.Until(() => scenario.IsConfirmed(confirmed), "the first version is confirmed");
        return scenario;
    }

    /// <summary>Nothing was served that the reference would not have said, and flash was used as it may be.</summary>
    public void Dispose()
    {
        foreach (SimulatedDevice device in Fleet.Devices)
        {
            Assert.Equal(0, device.WrongAnswers);
            Assert.Equal(string.Empty, device.Flash.FirstViolation);
        }

        Fleet.Dispose();
    }
}
