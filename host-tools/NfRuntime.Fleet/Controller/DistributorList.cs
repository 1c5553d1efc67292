using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Protocol;

namespace NfRuntime.Fleet.Control;

/// <summary>The distributors that are present, from what they say themselves.</summary>
internal sealed class DistributorList(Action<string> log, Func<long> clock)
{
    private const ulong LastDay = 253_402_300_799_999; // of the year 9999
    private const long GoneMs = 35_000;
    private readonly SortedDictionary<string, (PresenceDocument Document, long At)> _present = new(StringComparer.Ordinal);

    public void Clear() => _present.Clear();

    /// <summary>A presence, or an empty one: gone.</summary>
    public void Take(string name, ReadOnlySpan<byte> payload)
    {
        try
        {
            if (payload.IsEmpty)
            {
                _present.Remove(name);
            }
            else if (PresenceDocument.Read(payload) is var presence && presence.Distributor == name)
            {
                _present[name] = (presence, clock());
            }
        }
        catch (ProtocolException e)
        {
            log($"the presence of distributor {name} is malformed: {e.Message}");
        }
    }

    public IReadOnlyList<DistributorView> Views() =>
        [.. _present.Values.Where(p => clock() - p.At < GoneMs).Select(p => p.Document).Select(p => new DistributorView(p.Distributor, DeviceViews.Time((long)Math.Min(p.Start, LastDay)), p.Counts?.Bytes, p.Counts?.Frames, p.Counts?.Streams))];
}
