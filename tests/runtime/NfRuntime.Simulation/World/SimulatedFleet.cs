using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using NfRuntime.Simulation.Capsules;

namespace NfRuntime.Simulation.World;

/// <summary>A broker, a controller, distributors and devices on one virtual time, all of whose accidents come from one seed.</summary>
internal sealed class SimulatedFleet : IDisposable
{
    public const string Tenant = "acme";

    public SimulatedFleet(Publisher publisher, int seed, int devices, int distributors, DeviceSettings settings, NetworkFaults? faults = null, Sabotage sabotage = Sabotage.None, bool isReal = false)
    {
        Random = new Random(seed);
        Faults = faults ?? new NetworkFaults();
        Broker = new MemoryBroker(Time, Random, Faults) { Sabotage = sabotage };
        Controller = new ControllerModel(Time, Broker, Tenant) { Sabotage = sabotage, Keys = publisher.KeyList(1) };
        for (int i = 0; i < distributors; i++)
        {
            string name = "dist-" + i.ToString(CultureInfo.InvariantCulture);
            Distributors.Add(isReal ? new RealDistributor(Time, Broker, Random, Tenant, name) : new DistributorModel(Time, Broker, Tenant, name) { Sabotage = sabotage });
        }

        for (int i = 0; i < devices; i++)
        {
            Devices.Add(new SimulatedDevice(Time, Broker, Random, "device-" + i.ToString(CultureInfo.InvariantCulture), settings) { Sabotage = sabotage });
        }
    }

    public Timeline Time { get; } = new();

    public Random Random { get; }

    public NetworkFaults Faults { get; }

    public MemoryBroker Broker { get; }

    public ControllerModel Controller { get; }

    public List<DistributorService> Distributors { get; } = [];

    public List<SimulatedDevice> Devices { get; } = [];

    public void Start()
    {
        foreach (SimulatedDevice device in Devices)
        {
            device.Start(1);
        }
    }

    /// <summary>Gives the capsule to all distributors, and its answers to all devices' applications.</summary>
    public void Publish(TinyCapsule capsule)
    {
        foreach ((byte[] digest, byte[] bytes) in capsule.Blobs())
        {
            Publish(digest, bytes);
        }

        foreach (SimulatedDevice device in Devices)
        {
            device.Known[capsule.Name + " " + capsule.Version] = capsule;
        }
    }

    public void Publish(byte[] digest, byte[] bytes)
    {
        foreach (DistributorService distributor in Distributors)
        {
            distributor.Add(digest, bytes);
        }
    }

    public void Run(long milliseconds) => Time.RunUntil(Time.Now + milliseconds);

    /// <summary>Runs until something is so, with an inference of each name on each device every <paramref name="interval"/> ms.</summary>
    /// <returns>Whether it came to be so in the given time.</returns>
    public bool RunUntil(Func<bool> isSo, long milliseconds, int interval = 200, params string[] names)
    {
        long end = Time.Now + milliseconds;
        int sample = 0;
        while (!isSo() && Time.Now < end)
        {
            Run(interval);
            sample++;
            foreach (SimulatedDevice device in Devices.Where(d => d.IsOn))
            {
                foreach (string name in names)
                {
                    device.Infer(name, sample % 8);
                }
            }
        }

        return isSo();
    }

    public void Dispose()
    {
        foreach (SimulatedDevice device in Devices)
        {
            device.Dispose();
        }

        foreach (RealDistributor distributor in Distributors.OfType<RealDistributor>())
        {
            distributor.Dispose();
        }
    }
}
