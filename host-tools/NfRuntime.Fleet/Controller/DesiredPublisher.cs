using System.Collections.Generic;
using System.Linq;
using NfRuntime.Fleet.Data;
using NfRuntime.Fleet.Mqtt;
using NfRuntime.Fleet.Protocol;

namespace NfRuntime.Fleet.Control;

/// <summary>What the controller publishes: the key list, desired documents, and nothing in the place of what retired devices left.</summary>
internal sealed class DesiredPublisher(FleetState state, IFleetMqtt mqtt, Topics topics)
{
    private static readonly TopicKind[] Retained = [TopicKind.Desired, TopicKind.Online, TopicKind.Capabilities, TopicKind.State];
    private readonly Dictionary<string, HashSet<TopicKind>> _cleared = state.Database.Retired().ToDictionary(device => device, _ => new HashSet<TopicKind>(Retained));
    private readonly HashSet<string> _unsent = [.. state.Database.Retired()];
    private byte[]? _keys;

    /// <summary>The key list is to be published.</summary>
    public void PublishKeys(byte[] list) => _keys = list;

    /// <summary>A device was retired; what it says until its topics are empty is an echo. The database remembers that, until the broker has said that they are.</summary>
    public void Clear(string device)
    {
        _cleared[device] = [.. Retained];
        _unsent.Add(device);
    }

    public bool IsCleared(string device) => _cleared.ContainsKey(device);

    /// <summary>The broker passed on that a topic of a retired device is empty now.</summary>
    public void Echo(string device, TopicKind kind)
    {
        if (_cleared[device].Remove(kind) && _cleared[device].Count == 0)
        {
            _cleared.Remove(device);
            _unsent.Remove(device);
            state.Database.Begin();
            state.Database.RemoveRetired(device);
        }
    }

    /// <summary>Everything is to be published again.</summary>
    public void Restore(byte[]? keys)
    {
        _keys = keys;
        _unsent.UnionWith(_cleared.Keys);
        foreach (DeviceRecord device in state.Devices)
        {
            device.MustPublish = device.Desired is not null;
        }
    }

    /// <summary>Publishes what is to be published, as far as there is room; the next call goes on.</summary>
    public void Publish(long now)
    {
        if (_keys is not null && mqtt.Publish(topics.Keys, _keys, 1, true))
        {
            _keys = null;
        }

        foreach (DeviceRecord device in state.Devices.Where(d => d.MustPublish && d.Desired is not null))
        {
            byte[] bytes = (device.Desired! with { Registry = state.Options.Registry, Time = (ulong)(now / 1000) }).Write();
            if (!mqtt.Publish(topics.Device(device.Name, TopicKind.Desired), bytes, 1, true))
            {
                return;
            }

            (device.MustPublish, device.PublishedAt) = (false, now);
            state.Meters.Published();
        }

        foreach (string device in _unsent.ToArray())
        {
            if (Retained.All(kind => mqtt.Publish(topics.Device(device, kind), [], 1, true)))
            {
                _unsent.Remove(device);
            }
        }
    }
}
