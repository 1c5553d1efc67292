using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Telemetry;
using NfRuntime.Native;

namespace NfRuntime.Agent.Lifecycle;

/// <summary>The slots of one agent, and what is open in them.</summary>
internal sealed class Slots
{
    private const int Capacity = 16;

    private readonly AgentContext _context;
    private readonly VersionWork _work;
    private readonly CapsuleSlot[] _slots = new CapsuleSlot[Capacity];
    private readonly NameRecord _record = new NameRecord();

    internal Slots(AgentContext context, VersionWork work)
    {
        _context = context;
        _work = work;
    }

    internal int Count { get; private set; }

    /// <summary>What was taken last in this boot, or null.</summary>
    internal DesiredDocument Desired { get; set; } = null!;

    /// <summary>Whether an inference is under way: no flash may be touched.</summary>
    internal bool IsBusy
    {
        get
        {
            for (int i = 0; i < Count; i++)
            {
                if (_slots[i].IsBusy && !_slots[i].IsWaiting)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Whether an inference waits for a self-test to give the arena back.</summary>
    internal bool IsWaiting
    {
        get
        {
            for (int i = 0; i < Count; i++)
            {
                if (_slots[i].IsWaiting)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Whether any capsule is open.</summary>
    internal bool IsAnyOpen
    {
        get
        {
            for (int i = 0; i < Count; i++)
            {
                if (_slots[i].Live != null)
                {
                    return true;
                }
            }

            return false;
        }
    }

    internal CapsuleSlot At(int index)
    {
        return _slots[index];
    }

    /// <summary>The slot of a name, which is made; null when there are 16 whose names are here, wanted or in use.</summary>
    internal CapsuleSlot Find(string name)
    {
        CapsuleSlot known = Known(name);
        if (known != null)
        {
            return known;
        }

        int at = Count < Capacity ? Count++ : FindRetired();
        if (at < 0)
        {
            return null!;
        }

        _slots[at] = new CapsuleSlot(_context, name);
        return _slots[at];
    }

    /// <summary>The slot of a name, if there is one; null otherwise.</summary>
    internal CapsuleSlot Known(string name)
    {
        for (int i = 0; i < Count; i++)
        {
            if (_slots[i].Name == name)
            {
                return _slots[i];
            }
        }

        return null!;
    }

    internal void Expire()
    {
        for (int i = 0; i < Count; i++)
        {
            _slots[i].Expire();
        }
    }

    /// <summary>Lets another version answer. The old one is closed; how long no inference could start is noted.</summary>
    internal void Swap(CapsuleSlot slot, OpenVersion version)
    {
        OpenVersion old = slot.Live;
        slot.Live = version;
        slot.FeedAgain();
        slot.IsParked = false;
        slot.IsAskedFor = false;
        if (old != null)
        {
            _work.Close(old);
        }

        if (old != null || slot.DarkSince != 0)
        {
            long since = slot.DarkSince != 0 ? slot.DarkSince : _context.StepMicroseconds;
            int blackout = (int)(_context.Platform.Microseconds() - since);
            slot.Figures.Blackout = blackout > slot.Figures.Blackout ? blackout : slot.Figures.Blackout;
            _context.Note(LogRing.Info, LogEvent.Swapped, slot.Name, "version " + version.Version + " answers; no inference could start for " + blackout.ToString() + " µs");
        }

        slot.DarkSince = 0;
        _context.StateChanged = true;
    }

    /// <summary>Closes what answers; with <paramref name="isForAnother"/> something is to be opened in its stead, and the time counts.</summary>
    internal void CloseLive(CapsuleSlot slot, bool isForAnother)
    {
        if (slot.Live == null)
        {
            return;
        }

        _work.Close(slot.Live);
        slot.Live = null!;
        slot.FeedAgain();
        slot.DarkSince = isForAnother ? _context.Platform.Microseconds() : 0;
        _context.StateChanged = true;
    }

    internal void CloseShadow(CapsuleSlot slot)
    {
        if (slot.Shadow != null)
        {
            _work.Close(slot.Shadow);
            slot.Shadow = null!;
        }
    }

    // The one that was not used for longest among those whose name is neither here nor wanted: its place is another's from now on.
    private int FindRetired()
    {
        int oldest = -1;
        for (int i = 0; i < Count; i++)
        {
            CapsuleSlot slot = _slots[i];
            bool isIdle = slot.Live == null && slot.Shadow == null && !slot.IsBusy && (Desired == null || Desired.Find(slot.Name) == null);
            if (isIdle && (oldest < 0 || slot.LastUse < _slots[oldest].LastUse) && _context.Store.FindName(slot.Name, _record) == NativeError.NotFound)
            {
                oldest = i;
            }
        }

        if (oldest >= 0)
        {
            _slots[oldest].IsRetired = true;
        }

        return oldest;
    }

    /// <summary>Makes memory for <paramref name="slot"/>: closes its own version, or else the one that was not used for longest.</summary>
    /// <returns>False: nothing is left to close.</returns>
    internal bool GiveWay(CapsuleSlot slot)
    {
        if (slot.Live != null)
        {
            CloseLive(slot, true);
            return true;
        }

        CapsuleSlot oldest = null!;
        for (int i = 0; i < Count; i++)
        {
            if (_slots[i].Live != null && (oldest == null || _slots[i].LastUse < oldest.LastUse))
            {
                oldest = _slots[i];
            }
        }

        if (oldest == null)
        {
            return false;
        }

        CloseLive(oldest, false);
        CloseShadow(oldest);
        oldest.IsParked = true;
        oldest.IsAskedFor = false;
        return true;
    }
}
