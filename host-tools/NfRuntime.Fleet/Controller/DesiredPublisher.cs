using System.Collections.Generic;
using System.Linq;
using NfRuntime.Fleet.Mqtt;
using NfRuntime.Fleet.Protocol;

namespace NfRuntime.Fleet.Control;

/// <summary>What the controller publishes: the key list, desired documents, and nothing in the place of what retired devices left.</summary>
internal sealed class DesiredPublisher(FleetState state, IFleetMqtt mqtt, Topics topics)
{
    private static readonly TopicKind[] Retained = [TopicKind.Desired, TopicKind.Online, TopicKind.Capabilities, TopicKind.State];
    private readonly HashSet<string> _cleared = [];
    private byte[]? _keys;

    /// <summary>The key list is to be published.</summary>
    public void PublishKeys(byte[] list) => _keys = list;

    /// <summary>A device was retired; what it says until its topics are empty is an echo.</summary>
    public void Clear(string device) => _cleared.Add(device);

    public bool IsCleared(string device) => _cleared.Contains(device);

    /// <summary>Everything is to be published again.</summary>
    public void Restore(byte[]? keys)
    {
        _keys = keys;
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

        foreach (string device in _cleared.ToArray())
        {
            if (Retained.All(kind => mqtt.Publish(topics.Device(device, kind), [], 1, true)))
            {
                _cleared.Remove(device);
            }
        }
    }
}
