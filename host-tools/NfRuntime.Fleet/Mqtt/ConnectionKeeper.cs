using System;

namespace NfRuntime.Fleet.Mqtt;

/// <summary>Connects again after a loss: 1 s, doubling to 60 s, full jitter; from the start again after 60 s of connection.</summary>
internal sealed class ConnectionKeeper(IFleetMqtt mqtt, FleetWill? will, Func<double> random)
{
    private const long FirstMs = 1000;
    private const long LastMs = 60_000;
    private const long StableMs = 60_000;
    private long _limit = FirstMs;
    private long _next;
    private long _since;
    private bool _busy;

    public bool IsConnected { get; private set; }

    /// <summary>Begins a connection when it is time. Returns the ms until it will be, or <see cref="long.MaxValue"/>.</summary>
    public long Step(long now)
    {
        if (_busy || IsConnected)
        {
            return long.MaxValue;
        }

        if (now < _next)
        {
            return _next - now;
        }

        _busy = true;
        mqtt.Connect(will);
        return long.MaxValue;
    }

    public void Connected(long now) => (IsConnected, _busy, _since) = (true, false, now);

    public void Disconnected(long now)
    {
        _limit = IsConnected && now - _since >= StableMs ? FirstMs : Math.Min(LastMs, _limit * 2);
        (IsConnected, _busy) = (false, false);
        _next = now + (long)(random() * _limit);
    }
}
