using NfRuntime.Fleet.Protocol;

namespace NfRuntime.Fleet.Control;

/// <summary>Which reports of a device have come since the controller connected, and when the broker is to be asked for those that lack.</summary>
internal sealed class HeardReports
{
    private const long FirstMs = 5_000;
    private const long LastMs = 600_000;
    private uint? _boot;
    private uint? _stateBoot;
    private (uint Boot, uint Sequence)? _log;
    private long _askAt;
    private long _wait;

    public bool Online { get; private set; }

    public bool Capabilities { get; private set; }

    /// <summary>One of the boot in which the device says it is.</summary>
    public bool State { get; private set; }

    /// <summary>Unix ms of the last one.</summary>
    public long StateAt { get; private set; }

    /// <summary>The controller has connected: whatever is retained comes.</summary>
    public void Nothing()
    {
        (Online, Capabilities, State, _boot, _stateBoot, _log) = (false, false, false, null, null, null);
        (_askAt, _wait) = (0, 0);
    }

    /// <summary>A report came, a malformed one too: it would be the same if it came again.</summary>
    public void Of(TopicKind kind, long now)
    {
        Online |= kind == TopicKind.Online;
        Capabilities |= kind == TopicKind.Capabilities;
        State |= kind == TopicKind.State;
        StateAt = kind == TopicKind.State ? now : StateAt;
    }

    /// <summary>It says in which boot it is: what it said in an earlier one comes again.</summary>
    public void Boot(uint boot)
    {
        Capabilities &= _boot is null || _boot == boot;
        State &= _stateBoot is null || _stateBoot == boot;
        _boot = boot;
    }

    /// <summary>The boot that a state speaks of.</summary>
    public void StateOf(uint boot)
    {
        _stateBoot = boot;
        State = _boot is null || _boot == boot;
    }

    /// <summary>A gap in the numbers says that the broker dropped something for this controller: it may have been a report.</summary>
    public void Log(uint boot, uint sequence)
    {
        if (_log is { } last && last.Boot == boot && sequence > last.Sequence && sequence - last.Sequence > 1)
        {
            (Online, Capabilities, State) = (false, false, false);
        }

        _log = (boot, sequence);
    }

    /// <summary>Whether to ask now for what <paramref name="lacks"/>: not before it had the time to come by itself, and less and less often.</summary>
    public bool IsDue(bool lacks, long now)
    {
        if (!lacks)
        {
            (_askAt, _wait) = (0, 0);
            return false;
        }

        if (_askAt == 0)
        {
            (_askAt, _wait) = (now + FirstMs, FirstMs);
        }

        return now >= _askAt;
    }

    /// <summary>It was asked for.</summary>
    public void Asked(long now) => (_askAt, _wait) = (now + _wait, _wait * 2 < LastMs ? _wait * 2 : LastMs);
}
