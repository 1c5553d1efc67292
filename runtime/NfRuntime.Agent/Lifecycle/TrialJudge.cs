using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Telemetry;
using NfRuntime.Native;

namespace NfRuntime.Agent.Lifecycle;

/// <summary>Applies the health rules to candidates on trial: strikes, rejects, confirms.</summary>
internal sealed class TrialJudge
{
    private const int RetryAfter = 1000;

    private readonly AgentContext _context;
    private readonly Slots _slots;
    private readonly NameRecord _record = new NameRecord();

    internal TrialJudge(AgentContext context, Slots slots)
    {
        _context = context;
        _slots = slots;
    }

    /// <summary>A candidate is on trial; evidence that was gathered for it stays.</summary>
    internal void Begin(CapsuleSlot slot, byte[] manifest)
    {
        if (slot != null && !slot.Trial.IsOf(manifest))
        {
            slot.Trial.Start(manifest);
            _context.ExpectsRecords = true;
        }
    }

    /// <summary>Judges all. True: something came of it.</summary>
    internal bool Step(DesiredDocument desired)
    {
        bool isDone = false;
        for (int i = 0; desired != null && i < _slots.Count; i++)
        {
            CapsuleSlot slot = _slots.At(i);
            if (slot.Trial.IsRunning && _context.Now >= slot.RetryAt)
            {
                DesiredCapsule entry = desired.Find(slot.Name);
                isDone |= entry != null && slot.Trial.IsOf(entry.Manifest) ? Judge(slot, entry) : End(slot);
            }
        }

        return isDone;
    }

    private static bool End(CapsuleSlot slot)
    {
        slot.Trial.End();
        return true;
    }

    private bool Judge(CapsuleSlot slot, DesiredCapsule entry)
    {
        int strike = slot.Trial.TakeStrike(entry.Rules);
        if (strike != AgentReason.None)
        {
            return Strike(slot, strike);
        }

        if (slot.Trial.Disagrees(entry.Rules))
        {
            return Apply(slot, LifecycleNumbers.EventRollBack, AgentReason.Shadow, Trial.DisagreementRule, LogEvent.Rejected, "rejected: " + ReasonText.Of(AgentReason.Shadow));
        }

        bool isConfirmed = entry.Confirm == DesiredCapsule.ConfirmNow
            || (entry.Confirm == DesiredCapsule.ConfirmByRules && slot.Trial.IsEnough(entry.Rules, _context.Now));
        return isConfirmed && Apply(slot, LifecycleNumbers.EventConfirm, 0, 0, LogEvent.Confirmed, "confirmed");
    }

    private bool Strike(CapsuleSlot slot, int reason)
    {
        slot.Figures.Strikes++;
        return Apply(slot, LifecycleNumbers.EventStrike, reason, 0, LogEvent.Strike, "a strike: " + ReasonText.Of(reason));
    }

    // The trial ends with its candidate: whether that is still one, the record says. Without one it would be the confirmed version that is
    // rolled back, and what was fetched again since has evidence of its own to gather.
    private bool Apply(CapsuleSlot slot, int lifecycleEvent, int reason, int detail, int number, string sentence)
    {
        int name = _context.Store.FindName(slot.Name, _record);
        if (name == NativeError.NotFound || (name >= 0 && !IsOnTrial(slot.Trial)))
        {
            return End(slot);
        }

        int error = name < 0 ? name : _context.Store.Apply(name, lifecycleEvent, reason, detail, LifecycleNumbers.PlaceCandidate);
        if (error < 0)
        {
            slot.RetryAt = _context.Now + RetryAfter;
            _context.ExpectsDamage |= error == NativeError.State || error == NativeError.NotFound;
            return true;
        }

        _context.StateChanged = true;
        _context.Note(reason == AgentReason.None ? LogRing.Info : LogRing.Warning, number, slot.Name, sentence);
        name = _context.Store.FindName(slot.Name, _record);
        if (name == NativeError.NotFound || (name >= 0 && !IsOnTrial(slot.Trial)))
        {
            slot.Trial.End();
        }

        return true;
    }

    private bool IsOnTrial(Trial trial)
    {
        return _record.Candidate.State == LifecycleNumbers.StateTrial && trial.IsOf(_record.Candidate.Manifest);
    }
}
