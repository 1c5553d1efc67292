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
    private readonly AgentContext _context;
    private readonly CapsuleFetch _fetch;
    private readonly Slots _slots;
    private readonly Server _server;
    private readonly TrialJudge _judge;
    private readonly NameRecord _record = new NameRecord();
    private bool _mustLook = true;
    private bool _isFetchersTurn;
    private int _fetchEntry;

    internal Director(AgentContext context, CapsuleFetch fetch, Slots slots, Server server)
    {
        _context = context;
        _fetch = fetch;
        _slots = slots;
        _server = server;
        _judge = new TrialJudge(context, slots);
        Refusals = new Refusals(context);
    }

    /// <summary>What was taken last in this boot, or null.</summary>
    internal DesiredDocument Desired { get; private set; } = null!;

    internal Refusals Refusals { get; }

    /// <summary>The store runs a job for it, or an arena or state is being filled: a key list has to wait.</summary>
    internal bool HasJob
    {
        get { return _server.IsWorking || _fetch.HasJob; }
    }

    /// <summary>Looks again at everything.</summary>
    internal void Look()
    {
        _mustLook = true;
    }

    /// <summary>Takes a document that is not older than the persisted one: release, persist, act (PROTOCOL.md §3).</summary>
    internal void Take(DesiredDocument document)
    {
        ulong persisted = (ulong)_context.Store.Generation;
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
        _mustLook = true;
        _context.StateChanged = true;
        KeepFetch();
    }

    /// <summary>One piece of work. False: there is nothing to do now.</summary>
    internal bool Step()
    {
        if (_server.IsWorking)
        {
            _mustLook |= _server.Step();
            return true;
        }

        if (_fetch.IsActive && _fetch.HasJob)
        {
            return StepFetch();
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

        _mustLook |= _judge.Step(Desired) | _server.IsTestDue() | Refusals.Wait(Desired) == 0;
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

        long wait = _fetch.IsActive ? _fetch.Wait() : long.MaxValue;
        wait = Least(wait, Refusals.Wait(Desired));
        return Least(wait, _server.Wait());
    }

    private static long Least(long a, long b)
    {
        return a < b ? a : b;
    }

    private bool FetchIsDue()
    {
        return _fetch.IsActive && _fetch.Wait() <= 0 && StepFetch();
    }

    private bool StepFetch()
    {
        if (_fetch.Step() == 0)
        {
            if (_fetch.Reason != AgentReason.None && Desired != null && _fetchEntry < Desired.Capsules.Length)
            {
                if (_fetch.IsSilent)
                {
                    Refusals.Pause(_fetchEntry, _fetch.Reason, _fetch.Sentence);
                }
                else
                {
                    Refusals.Add(_fetchEntry, _fetch.Reason, _fetch.Sentence, _fetch.IsRefusal);
                }
            }

            _mustLook = true;
        }

        return true;
    }

    // What is being fetched goes on when the document still wants it.
    private void KeepFetch()
    {
        for (int i = 0; i < Desired.Capsules.Length; i++)
        {
            if (_fetch.IsOf(Desired.Capsules[i].Manifest) && _fetch.Name == Desired.Capsules[i].Name)
            {
                _fetchEntry = i;
                _fetch.Continue(Desired.Capsules[i], Desired.Registry);
                return;
            }
        }

        _fetch.Stop();
    }

    // True: something was done, look again.
    private bool LookAtAll()
    {
        for (int slot = _context.Store.NextName(0, _record); slot > 0; slot = _context.Store.NextName(slot, _record))
        {
            CapsuleSlot capsule = _slots.Find(_record.Name);
            if (Desired != null && Desired.Find(_record.Name) == null)
            {
                return capsule == null || Remove(slot, capsule);
            }
        }

        Refusals.Expire();
        for (int i = 0; Desired != null && i < Desired.Capsules.Length; i++)
        {
            if (!Refusals.Holds(i) && Follow(i, Desired.Capsules[i]))
            {
                return true;
            }
        }

        return false;
    }

    private bool Remove(int slot, CapsuleSlot capsule)
    {
        _slots.CloseLive(capsule, false);
        _slots.CloseShadow(capsule);
        capsule.Trial.End();
        int error = _context.Store.Apply(slot, LifecycleNumbers.EventRemove, 0, 0, 0);
        _context.StateChanged = true;
        _context.Note(LogRing.Info, LogEvent.Removed, capsule.Name, error < 0 ? "it cannot be removed: flash " + NativeError.Describe(error) : "removed");
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
        if (_fetch.IsActive)
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

        _fetchEntry = index;
        _fetch.Start(entry, Desired.Registry);
        _context.Note(LogRing.Detail, LogEvent.Fetch, entry.Name, "another version is wanted");
        return true;
    }
}
