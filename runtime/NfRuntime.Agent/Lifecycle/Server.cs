using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Telemetry;
using NfRuntime.Native;

namespace NfRuntime.Agent.Lifecycle;

/// <summary>
/// Keeps open what should answer, and tests what is to be tested. The new version is open before the old one is closed wherever memory
/// allows; where not, the old one gives way, and comes back when the new one fails.
/// </summary>
internal sealed class Server
{
    private const int UnreadableFor = 5000; // milliseconds, after which records that cannot be read are tried again

    private readonly AgentContext _context;
    private readonly VersionWork _work;
    private readonly Slots _slots;
    private readonly Setbacks _setbacks;
    private readonly NameRecord _record = new NameRecord();
    private CapsuleSlot _slot = null!;
    private int _purpose;
    private int _live;
    private int _shadow;
    private bool _isChecked;

    internal Server(AgentContext context, VersionWork work, Slots slots)
    {
        _context = context;
        _work = work;
        _slots = slots;
        _setbacks = new Setbacks(context, slots);
    }

    internal bool IsWorking
    {
        get { return _work.IsActive; }
    }

    /// <summary>What was taken last in this boot, or null: then no candidate answers where a confirmed version can.</summary>
    internal DesiredDocument Desired { get; set; } = null!;

    /// <summary>A slice of what is being opened or tested. True: it came to an end.</summary>
    internal bool Step()
    {
        int result = _work.Step();
        if (result == 1)
        {
            return false;
        }

        if (result == 0)
        {
            OnOpened();
        }
        else
        {
            _setbacks.Take(_slot, _purpose, _work, result);
        }

        return true;
    }

    /// <summary>Tests versions that this firmware has not yet run. True: there was one.</summary>
    internal bool Check()
    {
        int found = _isChecked ? NativeError.NotFound : _context.Store.Unchecked();
        if (found < 0)
        {
            _isChecked |= found == NativeError.NotFound;
            return false;
        }

        CapsuleSlot capsule = Named(found / 4);
        if (capsule == null || _context.Now < capsule.RetryAt)
        {
            return false;
        }

        Start(capsule, found / 4, found % 4, Purpose.Checking, true);
        return true;
    }

    /// <summary>Starts to test a candidate. False: not now.</summary>
    internal bool Test(CapsuleSlot capsule, int slot)
    {
        if (capsule == null || _context.Now < capsule.TestAt || _context.Store.FindName(capsule.Name, _record) != slot)
        {
            return false;
        }

        _context.ExpectsRecords = true;
        _context.StateChanged = true;
        Start(capsule, slot, LifecycleNumbers.PlaceCandidate, Purpose.Testing, true);
        return true;
    }

    /// <summary>Whether the time to test something again has come.</summary>
    internal bool IsTestDue()
    {
        bool isDue = false;
        for (int i = 0; i < _slots.Count; i++)
        {
            CapsuleSlot capsule = _slots.At(i);
            if (capsule.TestAt != 0 && _context.Now >= capsule.TestAt)
            {
                capsule.TestAt = 0;
                isDue = true;
            }
        }

        return isDue;
    }

    /// <summary>Opens, swaps or closes something. False: all is as it should be, or has to wait.</summary>
    internal bool Serve()
    {
        for (int i = 0; i < _slots.Count; i++)
        {
            CapsuleSlot capsule = _slots.At(i);
            if (IsToBeServed(capsule) && _context.Now >= capsule.RetryAt && Serve(capsule))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Records have changed: all slots are looked at.</summary>
    internal void Look()
    {
        for (int i = 0; i < _slots.Count; i++)
        {
            _slots.At(i).MustServe = true;
        }
    }

    internal long Wait()
    {
        long wait = _isChecked ? long.MaxValue : 100;
        for (int i = 0; i < _slots.Count; i++)
        {
            CapsuleSlot capsule = _slots.At(i);
            long own = IsToBeServed(capsule) ? capsule.RetryAt - _context.Now : long.MaxValue;
            wait = own < wait ? own : wait;
            own = capsule.TestAt != 0 ? capsule.TestAt - _context.Now : long.MaxValue;
            wait = own < wait ? own : wait;
        }

        return wait;
    }

    private static bool IsToBeServed(CapsuleSlot capsule)
    {
        return capsule.IsParked ? capsule.IsAskedFor : capsule.MustServe;
    }

    private bool Serve(CapsuleSlot capsule)
    {
        int slot = _context.Store.FindName(capsule.Name, _record);
        int place = Decide(slot, capsule.Name);
        if (place < 0 && place != NativeError.NotFound)
        {
            capsule.RetryAt = _context.Now + UnreadableFor;
            _context.Fault(place);
            return false;
        }

        if (_live < 0)
        {
            bool wasOpen = capsule.Live != null;
            _slots.CloseLive(capsule, false);
            _slots.CloseShadow(capsule);
            capsule.MustServe = false;
            capsule.IsParked = false;
            capsule.IsAskedFor = false;
            return wasOpen;
        }

        if (!IsOpen(capsule.Live, _live))
        {
            return OpenLive(capsule, slot);
        }

        capsule.Live.Place = _live;
        if (_shadow < 0 || IsOpen(capsule.Shadow, _shadow))
        {
            capsule.MustServe = false;
            if (_shadow >= 0)
            {
                capsule.Shadow.Place = _shadow;
                return false;
            }
        }

        _slots.CloseShadow(capsule);
        if (_shadow < 0)
        {
            return false;
        }

        Start(capsule, slot, _shadow, Purpose.OpeningShadow, false);
        return true;
    }

    // Which places should answer and be compared; −1: none. A candidate that shadows answers only where there is nothing to compare with;
    // whether it does, the desired document says: until there is one in this boot, what is confirmed answers. Returns an error when that
    // cannot be known: NotFound when no version can serve; others are the flash's, and say nothing of any version.
    private int Decide(int slot, string name)
    {
        int place = slot < 0 ? slot : _context.Store.Serving(slot);
        _live = place < 0 ? -1 : place;
        _shadow = -1;
        if (_live != LifecycleNumbers.PlaceCandidate || _record.Confirmed.State != LifecycleNumbers.StateConfirmed || !_record.Confirmed.IsComplete)
        {
            return place;
        }

        DesiredCapsule entry = Desired == null ? null! : Desired.Find(name);
        if (entry == null || entry.Mode == DesiredCapsule.Shadow)
        {
            _live = LifecycleNumbers.PlaceConfirmed;
            _shadow = entry == null ? -1 : LifecycleNumbers.PlaceCandidate;
        }

        return place;
    }

    private bool IsOpen(OpenVersion version, int place)
    {
        return version != null && Digests.AreEqual(version.Manifest, _record.At(place).Manifest);
    }

    // What has shadowed until now is open already.
    private bool OpenLive(CapsuleSlot capsule, int slot)
    {
        if (IsOpen(capsule.Shadow, _live))
        {
            OpenVersion version = capsule.Shadow;
            capsule.Shadow = null!;
            version.Place = _live;
            _slots.Swap(capsule, version);
            return true;
        }

        Start(capsule, slot, _live, Purpose.OpeningLive, _context.Store.Serving(slot) != _live);
        return true;
    }

    private void Start(CapsuleSlot capsule, int slot, int place, int purpose, bool isTest)
    {
        int result = _work.Start(slot, place, _record.At(place).Manifest, isTest);
        _slot = capsule;
        _purpose = purpose;
        if (result != 1)
        {
            _setbacks.Take(capsule, purpose, _work, result);
        }
    }

    private void OnOpened()
    {
        OpenVersion version = _work.Opened;
        _slot.Failures = 0;
        _slot.RetryAt = 0;
        _slot.TestFailures = 0;
        _slot.TestAt = 0;
        _slot.MustServe = true;
        _context.StateChanged = true;
        int slot = _context.Store.FindName(_slot.Name, _record);
        Decide(slot, _slot.Name);
        if (_purpose == Purpose.Testing)
        {
            _context.Note(LogRing.Info, LogEvent.Trial, _slot.Name, "version " + version.Version + " gives its golden outputs: it is on trial");
        }

        if (_live == version.Place && !IsOpen(_slot.Live, _live))
        {
            _slots.Swap(_slot, version);
        }
        else if (_shadow == version.Place && IsOpen(_slot.Live, _live))
        {
            _slots.CloseShadow(_slot);
            _slot.Shadow = version;
        }
        else
        {
            _work.Close(version);
        }
    }

    // The slot of the capsule whose name stands there; its record is read.
    private CapsuleSlot Named(int slot)
    {
        return _context.Store.NextName(slot - 1, _record) == slot ? _slots.Find(_record.Name) : null!;
    }
}
