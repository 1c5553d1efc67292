using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Telemetry;
using NfRuntime.Native;

namespace NfRuntime.Agent.Lifecycle;

/// <summary>
/// What becomes of a version that could not be opened or tested: memory is made, flash is given another try, or the store is told why.
/// </summary>
internal sealed class Setbacks
{
    private const int SoonAfter = 100; // milliseconds
    private const int RetryAfter = 5000;
    private const int MaxFailures = 3;

    private readonly AgentContext _context;
    private readonly Slots _slots;
    private readonly NameRecord _record = new NameRecord();
    private CapsuleSlot _slot = null!;
    private int _purpose;

    internal Setbacks(AgentContext context, Slots slots)
    {
        _context = context;
        _slots = slots;
    }

    /// <summary>Deals with a version that could not be opened or tested.</summary>
    /// <param name="capsule">Whose it is.</param>
    /// <param name="purpose">One of <see cref="Purpose"/>.</param>
    /// <param name="work">What came to its end.</param>
    /// <param name="error">A negative <see cref="NativeError"/>, or a reason of <see cref="AgentReason"/>.</param>
    internal void Take(CapsuleSlot capsule, int purpose, VersionWork work, int error)
    {
        _slot = capsule;
        _purpose = purpose;
        _slot.MustServe = true;
        _context.StateChanged = true;
        if (error == NativeError.NoMemory && MakeMemory())
        {
            return;
        }

        bool isOfFlash = IsOfFlash(error) || (error == NativeError.Corrupt && !work.IsTest);
        _context.ExpectsDamage |= isOfFlash;
        if (TriesAgain(isOfFlash))
        {
            return;
        }

        int reason = error > 0 ? error : ReasonText.OfError(error);
        _context.Note(LogRing.Warning, LogEvent.Test, _slot.Name, (work.IsTest ? "the self-test failed: " : "it cannot be opened: ") + ReasonText.Of(reason));
        switch (_purpose)
        {
            case Purpose.Testing:
                FailTest(work.Slot, reason);
                break;
            case Purpose.Checking:
                _context.Store.Apply(work.Slot, LifecycleNumbers.EventCheckFailed, reason, 0, work.Place);
                break;
            case Purpose.OpeningShadow:
                _context.Store.Apply(work.Slot, LifecycleNumbers.EventRollBack, reason, 0, LifecycleNumbers.PlaceCandidate);
                break;
            default:
                FailOpening(work.Slot, work.Place, reason);
                break;
        }
    }

    private bool TriesAgain(bool isOfFlash)
    {
        int failures = _purpose == Purpose.Testing ? ++_slot.TestFailures : ++_slot.Failures;
        bool goesOn = isOfFlash && failures < MaxFailures;
        long at = _context.Now + (goesOn ? SoonAfter : RetryAfter);
        if (_purpose == Purpose.Testing)
        {
            _slot.TestAt = at;
        }
        else
        {
            _slot.RetryAt = at;
        }

        return goesOn;
    }

    // A slot that nobody uses leaves the memory to those that are used.
    private bool MakeMemory()
    {
        bool isAlone = _slot.Live == null && _purpose == Purpose.OpeningLive;
        if (isAlone && !_slot.IsAskedFor && _slots.IsAnyOpen)
        {
            _slot.IsParked = true;
            return true;
        }

        return _purpose != Purpose.OpeningShadow && _slots.GiveWay(_slot);
    }

    // Errors that may have been the flash's, or somebody's who changed the record meanwhile. What was whole when it was tested and is
    // found to be corrupt when it is opened has rotted.
    private static bool IsOfFlash(int error)
    {
        return error == NativeError.Port || error == NativeError.NotFound || error == NativeError.State || error == NativeError.Argument;
    }

    // Of most failures the store knows by itself; what says nothing of the version is told to it here.
    private void FailTest(int slot, int reason)
    {
        _slot.TestFailures = 0;
        _slot.TestAt = 0;
        if (_context.Store.FindName(_slot.Name, _record) != slot)
        {
            return;
        }

        if (_record.Candidate.State == LifecycleNumbers.StateStaged)
        {
            _context.Store.Apply(slot, LifecycleNumbers.EventTest, 0, 0, 0);
        }

        if (_record.Candidate.State == LifecycleNumbers.StateStaged || _record.Candidate.State == LifecycleNumbers.StateTesting)
        {
            _context.Store.Apply(slot, LifecycleNumbers.EventTestFailed, reason, 0, 0);
        }
        else if (_record.Candidate.State == LifecycleNumbers.StateTrial)
        {
            // Its vectors were right, and it cannot be used all the same.
            _context.Store.Apply(slot, LifecycleNumbers.EventRollBack, reason, 0, LifecycleNumbers.PlaceCandidate);
        }
    }

    private void FailOpening(int slot, int place, int reason)
    {
        if (place == LifecycleNumbers.PlaceCandidate)
        {
            _slot.RetryAt = _context.Now + SoonAfter;
            _context.Store.Apply(slot, LifecycleNumbers.EventStrike, reason, 0, place);
        }
    }
}
