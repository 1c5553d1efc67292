using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using NfRuntime.Fleet.Data;
using NfRuntime.Images;

namespace NfRuntime.Fleet.Control;

/// <summary>Devices, manifests and events, in memory and in the database. The controller's lock guards it.</summary>
internal sealed class FleetState
{
    private const int TrimEvery = 256;
    private readonly SortedDictionary<string, DeviceRecord> _devices = new(StringComparer.Ordinal);
    private readonly Dictionary<Digest, ManifestRow> _manifests;
    private int _untrimmed;

    public FleetState(ControllerOptions options, FleetDatabase database, Func<long> clock)
    {
        (Options, Database, Clock) = (options, database, clock);
        long now = clock();
        foreach (DeviceRow row in database.Devices())
        {
            _devices.Add(row.Name, DeviceRecord.Of(row, now));
        }

        _manifests = database.Manifests().ToDictionary(m => m.Digest);
        Meters = new ControllerMeters(() => _devices.Count, () => _devices.Values.Count(d => d.Online));
    }

    public ControllerOptions Options { get; }

    public FleetDatabase Database { get; }

    /// <summary>Unix ms.</summary>
    public Func<long> Clock { get; }

    public ControllerMeters Meters { get; }

    public IReadOnlyCollection<DeviceRecord> Devices => _devices.Values;

    public DeviceRecord? Find(string device) => _devices.GetValueOrDefault(device);

    /// <exception cref="FleetException">There is none.</exception>
    public DeviceRecord Device(string device) => Find(device) ?? throw FleetException.NoDevice(device);

    /// <summary>The device, a new one when it is not known; null when there are too many.</summary>
    public DeviceRecord? FindOrAdd(string device)
    {
        if (Find(device) is { } known)
        {
            return known;
        }

        if (_devices.Count >= Options.MaxDevices)
        {
            return null;
        }

        var added = new DeviceRecord(device, Clock()) { IsDirty = true };
        _devices.Add(device, added);
        return added;
    }

    public void Forget(string device)
    {
        Database.Begin();
        Database.Forget(device);
        _devices.Remove(device);
    }

    public ManifestRow? Manifest(Digest digest) => _manifests.GetValueOrDefault(digest);

    public void Remember(ManifestRow manifest)
    {
        Database.Begin();
        Database.Save(manifest);
        _manifests[manifest.Digest] = manifest;
    }

    /// <summary>Forgets the oldest deployments, and what only they named. True: there were any.</summary>
    public bool Prune()
    {
        Database.Begin();
        if (Database.PruneDeployments(Options.MaxDeployments, Options.MaxDeploymentBytes) == 0)
        {
            return false;
        }

        HashSet<string> images = Database.DeployedImages();
        HashSet<Digest> named = [.. _devices.Values.SelectMany(Named)];
        foreach (ManifestRow manifest in _manifests.Values.Where(m => !images.Contains(m.Image) && !named.Contains(m.Digest)).ToArray())
        {
            Database.ForgetManifest(manifest.Digest);
            _manifests.Remove(manifest.Digest);
        }

        return true;
    }

    // What a device is to have, has, or has refused: it may go back to it, and it is called by its name.
    private static IEnumerable<Digest> Named(DeviceRecord device) =>
    [
        .. device.Desired?.Capsules.Select(c => c.Manifest) ?? [],
        .. device.State?.Capsules.SelectMany(c => c.Versions.Select(v => v.Manifest)) ?? [],
        .. device.State?.Capsules.Select(c => c.Rejected?.Manifest).OfType<Digest>() ?? [],
        .. device.State?.Refusals.Select(r => r.Manifest) ?? [],
    ];

    public IEnumerable<ManifestRow> Manifests => _manifests.Values;

    /// <summary>"fashion 2.0.0", or the digest when it is not known.</summary>
    public string Called(string capsule, Digest manifest) => $"{capsule} {Manifest(manifest)?.Version ?? manifest.Short}";

    public void AddEvent<T>(string? device, string kind, T data, JsonTypeInfo<T> shape)
    {
        Database.Begin();
        if (device is not null && kind == "progress")
        {
            Database.ForgetEvents(device, kind); // four a second and device would leave no room for anything else
        }

        Database.AddEvent(device, kind, JsonSerializer.Serialize(data, shape));
        if (++_untrimmed >= TrimEvery)
        {
            Database.TrimEvents(Options.MaxEvents, Math.Max(1, Options.MaxEvents / 4));
            _untrimmed = 0;
        }
    }

    /// <summary>Writes what has changed and ends the step. True: something was written.</summary>
    public bool Save()
    {
        foreach (DeviceRecord device in _devices.Values.Where(d => d.IsDirty))
        {
            Database.Begin();
            Database.Save(device.ToRow());
            device.IsDirty = false;
        }

        if (!Database.Commit())
        {
            return false;
        }

        Meters.Observe();
        return true;
    }
}
