using System;
using System.Diagnostics.Metrics;

namespace NfRuntime.Fleet.Control;

/// <summary>Meters of a controller; the meter's name is <see cref="MeterName"/>.</summary>
internal sealed class ControllerMeters : IDisposable
{
    public const string MeterName = "NfRuntime.Fleet.Controller";
    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _taken;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _published;
    private int _known;
    private int _online;

    /// <param name="known">Devices; asked with the controller's lock held, in <see cref="Observe"/>.</param>
    /// <param name="online">Devices that are online; as <paramref name="known"/>.</param>
    public ControllerMeters(Func<int> known, Func<int> online)
    {
        (Known, Online) = (known, online);
        _taken = _meter.CreateCounter<long>("nfr.controller.documents", "{document}", "Documents of devices that were taken");
        _refused = _meter.CreateCounter<long>("nfr.controller.documents.refused", "{document}", "Documents of devices that were malformed");
        _published = _meter.CreateCounter<long>("nfr.controller.desired.published", "{document}");
        _meter.CreateObservableGauge("nfr.controller.devices", () => _known, "{device}");
        _meter.CreateObservableGauge("nfr.controller.devices.online", () => _online, "{device}");
    }

    private Func<int> Known { get; }

    private Func<int> Online { get; }

    /// <summary>Counts devices anew; an exporter asks from its own thread and gets what was counted last.</summary>
    public void Observe() => (_known, _online) = (Known(), Online());

    public void Taken() => _taken.Add(1);

    public void Refused() => _refused.Add(1);

    public void Published() => _published.Add(1);

    public void Dispose() => _meter.Dispose();
}
