using System;
using System.Diagnostics.Metrics;

namespace NfRuntime.Fleet.Distribution;

/// <summary>Meters of a distributor; the meter's name is <see cref="MeterName"/>.</summary>
public sealed class DistributorMeters : IDisposable
{
    public const string MeterName = "NfRuntime.Fleet.Distributor";
    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _frames;
    private readonly Counter<long> _passes;
    private readonly Counter<long> _wants;
    private readonly Counter<long> _refused;
    private int _streams;

    public DistributorMeters()
    {
        _bytes = _meter.CreateCounter<long>("nfr.distributor.published.bytes", "By", "Block frames that the broker was given");
        _frames = _meter.CreateCounter<long>("nfr.distributor.published.frames", "{frame}");
        _passes = _meter.CreateCounter<long>("nfr.distributor.passes", "{pass}");
        _wants = _meter.CreateCounter<long>("nfr.distributor.wants", "{want}", "Wants that were taken");
        _refused = _meter.CreateCounter<long>("nfr.distributor.wants.refused", "{want}", "Wants that were malformed, too many, or for blobs that are not there");
        _meter.CreateObservableGauge("nfr.distributor.streams", () => _streams, "{stream}");
    }

    /// <summary>Since the start.</summary>
    public long PublishedBytes { get; private set; }

    /// <summary>Since the start.</summary>
    public long PublishedFrames { get; private set; }

    /// <summary>Since the start.</summary>
    public long Passes { get; private set; }

    /// <summary>Since the start.</summary>
    public long RefusedWants { get; private set; }

    /// <summary>Blobs that are being served now.</summary>
    public int Streams
    {
        get => _streams;
        internal set => _streams = value;
    }

    public void Dispose() => _meter.Dispose();

    internal void Frame(int bytes)
    {
        PublishedBytes += bytes;
        PublishedFrames++;
        _bytes.Add(bytes);
        _frames.Add(1);
    }

    internal void Pass()
    {
        Passes++;
        _passes.Add(1);
    }

    internal void Want() => _wants.Add(1);

    internal void Refused()
    {
        RefusedWants++;
        _refused.Add(1);
    }
}
