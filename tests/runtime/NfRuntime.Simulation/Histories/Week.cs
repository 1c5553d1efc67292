using System;
using System.Diagnostics;
using System.Linq;
using NfRuntime.Simulation.Capsules;
using NfRuntime.Simulation.World;

namespace NfRuntime.Simulation.Histories;

/// <summary>A fleet's days: an inference of each device every ten minutes, two deployments a day, now and then a device without power or network.</summary>
internal static class Week
{
    private const long Minute = 60_000;
    private const long Day = 24 * 60 * Minute;

    public static int Run(Shop shop, int days, int devices)
    {
        Stopwatch watch = Stopwatch.StartNew();
        using SimulatedFleet fleet = new(shop.Publisher, 1, devices, 2, new DeviceSettings(shop.Publisher.RootKey) { ScrubMilliseconds = 3_600_000 });
        TinyCapsule[] good = [.. shop.All.Where(c => c.Flaw == Flaw.None && c.Name == Shop.Names[0] && c.Version[0] == '1')];
        foreach (TinyCapsule capsule in good)
        {
            fleet.Publish(capsule);
        }

        fleet.Start();
        int turn = 0;
        for (long at = 0; at < days * Day; at += 10 * Minute)
        {
            if (at % (Day / 2) == 0)
            {
                Deploy(fleet, good[turn++ % good.Length]);
            }

            Disturb(fleet);
            fleet.Run(10 * Minute);
            foreach (SimulatedDevice device in fleet.Devices.Where(d => d.IsOn))
            {
                device.Infer(Shop.Names[0], turn % 8);
            }
        }

        TinyCapsule last = good[(turn - 1) % good.Length];
        bool isSettled = fleet.RunUntil(() => fleet.Devices.All(d => d.IsOn && d.Record(Shop.Names[0])?.Confirmed.Manifest.SequenceEqual(last.Digest) == true), Day, 10_000, Shop.Names[0]);
        int wrong = fleet.Devices.Sum(d => d.WrongAnswers);
        Console.WriteLine($"{days} days of {devices} devices in {watch.Elapsed.TotalSeconds:F1} s: {fleet.Time.Events} events, {fleet.Devices.Sum(d => d.Steps)} steps, {fleet.Devices.Sum(d => d.Inferences)} inferences, {wrong} wrong, {turn} deployments, {fleet.Devices.Sum(d => d.Resets)} resets, {fleet.Broker.BlobBytes} bytes published on blob topics");
        Console.WriteLine(isSettled && wrong == 0 ? "1 passed, 0 failed" : "0 passed, 1 failed");
        return isSettled && wrong == 0 ? 0 : 1;
    }

    private static void Deploy(SimulatedFleet fleet, TinyCapsule capsule)
    {
        foreach (SimulatedDevice device in fleet.Devices)
        {
            fleet.Controller.Want(device.Name, capsule.Name, new Wish(capsule, 0, 1, 1, Wish.QuickRules));
        }
    }

    private static void Disturb(SimulatedFleet fleet)
    {
        SimulatedDevice device = fleet.Devices[fleet.Random.Next(fleet.Devices.Count)];
        if (device.IsOn && fleet.Random.Next(4) == 0)
        {
            device.Reset(1);
        }
        else if (device.IsOn && fleet.Random.Next(4) == 0)
        {
            MemoryTransport transport = device.Transport;
            fleet.Broker.Partition(transport);
            fleet.Time.After(fleet.Random.Next(3_600_000), () => fleet.Broker.Heal(transport));
        }
    }
}
