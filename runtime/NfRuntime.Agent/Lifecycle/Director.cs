using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Pull;
using NfRuntime.Agent.Telemetry;
using NfRuntime.Native;

namespace NfRuntime.Agent.Lifecycle;

/// <summary>
/// Brings the store to what the desired document says, one small piece of work a step: removes, rolls back, fetches, tests, and lets what
/// should serve serve (<see cref="Server"/>). It decides from the store's records alone, so that it goes on after any reset.
/// </summary>
internal sealed class Director
{
    private const int RemoveAgain = 60_000; // milliseconds

    private readonly AgentContext _context;
    private readonly FetchTurns _fetches;
    private readonly Slots _slots;
    private readonly Server _server;
    private readonly TrialJudge _judge;
    private readonly NameRecord _record = new NameRecord();
    private bool _mustLook = true;
    private long _removeAt; // after a removal that failed; 0: none did
    private bool _isFetchersTurn;

    internal Director(AgentContext context, CapsuleFetch fetch, Slots slots, Server server)
    {
        _context = context;
        _slots = slots;
        _server = server;
        _judge = new TrialJudge(context, slots);
        Refusals = new Refusals(context);
        _fetches = new FetchTurns(context, fetch, Refusals);
    }

    /// <summary>What was taken last in this boot, or null.</summary>
    internal DesiredDocument Desired { get; private set; } = null!;

    internal Refusals Refusals { get; }

    /// <summary>The store runs a job for it, or an arena or state is being filled: a key list has to wait.</summary>
    internal bool HasJob
    {
        get { return _server.IsWorking || _fetches.HasJob; }
    }

    /// <summary>Looks again at everything.</summary>
    internal void Look()
    {
        _mustLook = true;
    }

    /// <summary>Takes a document that is not older than the persisted one: release, persist, act (PROTOCOL.md §3).</summary>
    internal void Take(DesiredDocument document)
    {
        ulong persisted = _context.Generation;
        _context.Saw(document.Generation);
        for (int i = 0; i < document.Capsules.Length; i++)
        {
            DesiredCapsule entry = document.Capsules[i];
            if (entry.Retry > persisted)
            {
                int slot = _context.Store.FindName(entry.Name, _record);
                if (slot >= 0 && (_record.RejectedReason != 0 || _record.Failures != 0))
                {
                    _context.Store.Apply(slot, LifecycleNumbers.EventRelease, 0, 0, 0);
                }
            }
        }

        int error = _context.Store.SetGeneration((long)document.Generation);
        if (error < 0)
        {
            _context.Note(LogRing.Error, LogEvent.Store, string.Empty, "the generation cannot be kept: flash " + NativeError.Describe(error));
        }

        if (document.Time > _context.Store.KnownTime)
        {
            _context.Store.SetTime(document.Time);
        }

        Refusals.Turn(Desired, document, persisted);
        Desired = document;
        _server.Desired = document;
        _slots.Desired = document;
        _mustLook = true;
        _removeAt = 0;
        _context.StateChanged = true;
        _fetches.Keep(document);
    }

    /// <summary>One piece of work. False: there is nothing to do now.</summary>
    internal bool Step()
    {
        if (_server.IsWorking)
        {
            _mustLook |= _server.Step();
            return true;
        }

        if (_fetches.HasJob)
        {
            _mustLook |= _fetches.Step(Desired);
            return true;
        }

        if (_context.ExpectsDamage)
        {
            int more = _context.Store.Tend();
            _context.ExpectsDamage = more == 1;
            _mustLook = true;
            return true;
        }

        if (_server.Check())
        {
            return true;
        }

        _mustLook |= _judge.Step(Desired) | _server.IsTestDue() | Refusals.Wait(Desired) == 0 | RemoveWait() == 0;
        if (_mustLook)
        {
            _mustLook = LookAtAll();
            _server.Look();
            return true;
        }

        // In turn, so that neither waits for the other to have nothing to do.
        _isFetchersTurn = !_isFetchersTurn;
        return _isFetchersTurn ? FetchIsDue() || _server.Serve() : _server.Serve() || FetchIsDue();
    }

    internal long Wait()
    {
        if (_mustLook || _server.IsWorking || _context.ExpectsDamage)
        {
            return 0;
        }

        long wait = Least(_fetches.Wait(), Refusals.Wait(Desired));
        wait = Least(wait, RemoveWait());
        return Least(wait, _server.Wait());
    }

    private long RemoveWait()
    {
        return _removeAt == 0 ? long.MaxValue : _removeAt > _context.Now ? _removeAt - _context.Now : 0;
    }

    private static long Least(long a, long b)
    {
        return a < b ? a : b;
    }

    private bool FetchIsDue()
    {
        if (!_fetches.IsDue())
        {
            return false;
        }

        _mustLook |= _fetches.Step(Desired);
        return true;
    }

    // True: something was done, look again.
    private bool LookAtAll()
    {
        bool mayRemove = _context.Now >= _removeAt;
        _removeAt = mayRemove ? 0 : _removeAt;
        Refusals.Expire();
        for (int slot = _context.Store.NextName(0, _record); slot > 0; slot = _context.Store.NextName(slot, _record))
        {
            CapsuleSlot capsule = _slots.Find(_record.Name);
            if (mayRemove && Desired != null && Desired.Find(_record.Name) == null)
            {
                if (Remove(slot, capsule))
                {
                    return true;
                }

                _removeAt = _context.Now + RemoveAgain; // it serves until then, and the rest goes on
            }
        }

        _fetches.IsAwaited = false;
        for (int n = 0; Desired != null && n < Desired.Capsules.Length; n++)
        {
            int i = (n + _fetches.First) % Desired.Capsules.Length;
            if (!Refusals.Holds(i) && Follow(i, Desired.Capsules[i]))
            {
                return true;
            }
        }

        return false;
    }

    private bool Remove(int slot, CapsuleSlot capsule)
    {
        if (capsule != null)
        {
            _slots.CloseLive(capsule, false);
            _slots.CloseShadow(capsule);
            capsule.Trial.End();
        }

        int error = _context.Store.Apply(slot, LifecycleNumbers.EventRemove, 0, 0, 0);
        _context.StateChanged = true;
        _context.Note(LogRing.Info, LogEvent.Removed, _record.Name, error < 0 ? "it cannot be removed: flash " + NativeError.Describe(error) : "removed");
        return error >= 0;
    }

    // PROTOCOL.md §3, "what a device does with an entry". True: something was done.
    private bool Follow(int index, DesiredCapsule entry)
    {
        int slot = _context.Store.FindName(entry.Name, _record);
        if (slot < 0)
        {
            return Fetch(index, entry);
        }

        VersionRecord candidate = _record.Candidate;
        if (_record.Confirmed.State != LifecycleNumbers.StateNone && Digests.AreEqual(_record.Confirmed.Manifest, entry.Manifest))
        {
            Refusals.Settle(index);
            return candidate.State != LifecycleNumbers.StateNone && Withdraw(slot, entry);
        }

        if (candidate.State != LifecycleNumbers.StateNone)
        {
            return Digests.AreEqual(candidate.Manifest, entry.Manifest) ? GoOn(index, slot, entry) : Withdraw(slot, entry);
        }

        bool isPrevious = _record.Previous.State == LifecycleNumbers.StateSuperseded && Digests.AreEqual(_record.Previous.Manifest, entry.Manifest);
        if (isPrevious && _record.Confirmed.State != LifecycleNumbers.StateNone)
        {
            return RollBack(index, slot, entry);
        }

        bool wasRejected = Digests.AreEqual(_record.RejectedManifest, entry.Manifest);
        return !(wasRejected && Refusals.Recall(index, _record.RejectedReason, _record.RejectedDetail)) && Fetch(index, entry);
    }

    private bool GoOn(int index, int slot, DesiredCapsule entry)
    {
        switch (_record.Candidate.State)
        {
            case LifecycleNumbers.StateFetching:
                return Fetch(index, entry);
            case LifecycleNumbers.StateStaged:
            case LifecycleNumbers.StateTesting:
                return _server.Test(_slots.Find(entry.Name), slot);
            case LifecycleNumbers.StateTrial:
                _judge.Begin(_slots.Find(entry.Name), entry.Manifest);
                return false;
            default:
                return false;
        }
    }

    private bool Withdraw(int slot, DesiredCapsule entry)
    {
        int error = _context.Store.Apply(slot, LifecycleNumbers.EventWithdraw, 0, 0, 0);
        _context.StateChanged = true;
        _context.Note(LogRing.Info, LogEvent.Withdrawn, entry.Name, "the candidate is not wanted any more");
        return error >= 0;
    }

    private bool RollBack(int index, int slot, DesiredCapsule entry)
    {
        int error = _context.Store.Apply(slot, LifecycleNumbers.EventRollBack, AgentReason.Operator, 0, 0);
        _context.StateChanged = true;
        if (error < 0)
        {
            Refusals.Add(index, AgentReason.Missing, "the previous version cannot serve", true);
            return false;
        }

        _context.Note(LogRing.Info, LogEvent.RolledBack, entry.Name, "back to the previous version");
        return true;
    }

    // What the store knows already is asked before a byte is fetched. A rejection stands in the name's record: it is not told twice.
    private bool Fetch(int index, DesiredCapsule entry)
    {
        if (_fetches.IsOf(entry))
        {
            return false;
        }

        int reason = _context.Store.MayFetch(entry.Name, entry.Manifest, uint.MaxValue);
        if (reason != AgentReason.None)
        {
            reason = reason < 0 ? ReasonText.OfError(reason) : reason;
            Refusals.Add(index, reason, ReasonText.Of(reason), reason != AgentReason.AlreadyRejected);
            return false;
        }

        return _fetches.Start(index, entry, Desired.Registry);
    }
}
