using System.Collections.Generic;
using System.Linq;
using NfRuntime.Fleet.Distribution;
using NfRuntime.Fleet.Mqtt;
using NfRuntime.Fleet.Protocol;

namespace NfRuntime.Fleet.Control;

/// <summary>
/// A broker whose queue for the controller is full drops messages without a word. What it retains can be had again: once a second each device is
/// looked at, and what lacks of it is asked for, within one rate for the whole fleet (API.md, Reports that were lost).
/// </summary>
internal sealed class MissingReports(FleetState state, IFleetMqtt mqtt, Topics topics)
{
    private const long LookMs = 1000;
    private const long BehindMs = 10_000;
    private const long OldMs = 600_000;
    private readonly TokenBucket _rate = new(0);
    private string _last = "";
    private long _next;

    /// <summary>Asks for what lacks, as far as the rate goes; the devices that were not reached come first the next time.</summary>
    public void AskAgain(long now)
    {
        if (now < _next && now > _next - LookMs)
        {
            return;
        }

        _next = now + LookMs;
        _rate.Fill(now, state.Options.AsksPerSecond, state.Options.AsksPerSecond);
        foreach (DeviceRecord device in InTurn())
        {
            List<TopicKind> lacking = Lacking(device, now);
            if (!device.Heard.IsDue(lacking.Count > 0, now))
            {
                continue;
            }

            if (!_rate.Has(lacking.Count) || !lacking.All(kind => mqtt.AskAgain(topics.Device(device.Name, kind))))
            {
                return;
            }

            _rate.Take(lacking.Count);
            device.Heard.Asked(now);
            _last = device.Name;
        }
    }

    private DeviceRecord[] InTurn() => [.. state.Devices.SkipWhile(IsBefore), .. state.Devices.TakeWhile(IsBefore)];

    private bool IsBefore(DeviceRecord device) => string.CompareOrdinal(device.Name, _last) <= 0;

    private static List<TopicKind> Lacking(DeviceRecord device, long now)
    {
        var lacking = new List<TopicKind>(3);
        HeardReports heard = device.Heard;
        if (device.Waiting.Count > 0)
        {
            return lacking; // it says more than it may: what comes is waiting already
        }

        bool isBehind = device.Desired is not null && !device.MustPublish && device.State?.ObservedGeneration < device.Generation && now - device.PublishedAt >= BehindMs;
        Add(TopicKind.Online, !heard.Online);
        Add(TopicKind.Capabilities, device.Capabilities is null ? !device.Heard.Capabilities : device.Online && !heard.Capabilities);
        Add(TopicKind.State, device.State is null ? !heard.State : device.Online && (!heard.State || isBehind || now - heard.StateAt >= OldMs));
        return lacking;

        void Add(TopicKind kind, bool isMissing)
        {
            if (isMissing)
            {
                lacking.Add(kind);
            }
        }
    }
}
