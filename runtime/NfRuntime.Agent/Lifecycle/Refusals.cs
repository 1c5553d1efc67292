using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Telemetry;

namespace NfRuntime.Agent.Lifecycle;

/// <summary>
/// Why entries of the desired document are not followed, by their place in it (PROTOCOL.md §4.3, key 8), and until when. What says nothing
/// of a version (<see cref="IsChance"/>) is tried again after a time that grows (§8); another document does not shorten it.
/// </summary>
internal sealed class Refusals
{
    private const long FirstPause = 10_000; // milliseconds
    private const long LastPause = 6 * 3_600_000;
    private const long RoomAfter = 3_600_000;
    private const int Growth = 6;
    private const int FirstAside = 60_000;
    private const int LastAside = 300_000;

    private readonly AgentContext _context;
    private Entry[] _entries = NewEntries();

    internal Refusals(AgentContext context)
    {
        _context = context;
    }

    /// <summary>Whether a reason speaks of flash or of a source, and not of the version.</summary>
    internal static bool IsChance(int reason)
    {
        return reason == AgentReason.Digest || reason == AgentReason.Damaged || reason == AgentReason.Missing;
    }

    /// <summary>How many are to be told.</summary>
    internal int Count(DesiredDocument desired)
    {
        int count = 0;
        for (int i = 0; desired != null && i < desired.Capsules.Length; i++)
        {
            count += _entries[i].IsTold || _entries[i].IsSilent ? 1 : 0;
        }

        return count;
    }

    internal void Write(CborWriter writer, DesiredDocument desired)
    {
        for (int i = 0; desired != null && i < desired.Capsules.Length; i++)
        {
            Entry entry = _entries[i];
            if (entry.IsTold || entry.IsSilent)
            {
                StateDocument.Refusal(writer, desired.Capsules[i].Name, desired.Capsules[i].Manifest, entry.IsTold ? entry.Reason : AgentReason.Missing, entry.Sentence);
            }
        }
    }

    /// <summary>Whether an entry is left alone for now.</summary>
    internal bool Holds(int entry)
    {
        return _entries[entry].Reason != AgentReason.None && _context.Now < _entries[entry].RetryAt;
    }

    /// <summary>Milliseconds until an entry is tried again.</summary>
    internal long Wait(DesiredDocument desired)
    {
        long wait = long.MaxValue;
        for (int i = 0; desired != null && i < desired.Capsules.Length; i++)
        {
            Entry entry = _entries[i];
            if (entry.Reason != AgentReason.None && entry.RetryAt != long.MaxValue && entry.RetryAt - _context.Now < wait)
            {
                wait = entry.RetryAt > _context.Now ? entry.RetryAt - _context.Now : 0;
            }
        }

        return wait;
    }

    /// <summary>Leaves an entry alone: until another document comes, unless it was chance or the store is full.</summary>
    internal void Add(int entry, int reason, string sentence, bool isTold)
    {
        Entry refused = _entries[entry];
        refused.Reason = reason;
        refused.Sentence = sentence;
        refused.IsTold = isTold;
        refused.IsSilent = false;
        refused.RetryAt = reason == AgentReason.NoSpace ? _context.Now + RoomAfter : long.MaxValue;
        if (IsChance(reason))
        {
            long limit = Limit(++refused.Attempts);
            refused.RetryAt = _context.Now + (_context.Platform.Random() % (limit + 1));
            _context.Note(LogRing.Info, LogEvent.Fetch, string.Empty, ReasonText.Of(reason) + ": tried again within " + (limit / 1000).ToString() + " s");
        }
    }

    /// <summary>
    /// Leaves an entry alone when the store remembers more failures by chance of its manifest than this boot has waited for.
    /// </summary>
    /// <param name="entry">Its place.</param>
    /// <param name="reason">Of the name's last rejection, which was of this manifest.</param>
    /// <param name="count">Its detail: how many there were in a row.</param>
    /// <returns>False: nothing speaks against another try.</returns>
    internal bool Recall(int entry, int reason, int count)
    {
        if (!IsChance(reason) || count <= _entries[entry].Attempts)
        {
            return false;
        }

        _entries[entry].Attempts = count - 1;
        Add(entry, reason, ReasonText.Of(reason), false);
        return true;
    }

    /// <summary>Says that nobody serves what an entry wants; it holds nothing. False: that was said already.</summary>
    internal bool Miss(int entry, string sentence)
    {
        bool isNew = !_entries[entry].IsSilent;
        _entries[entry].IsSilent = true;
        _entries[entry].Sentence = sentence;
        return isNew;
    }

    /// <summary>Somebody serves it after all. False: nothing else had been said.</summary>
    internal bool Hear(int entry)
    {
        bool wasSilent = _entries[entry].IsSilent;
        _entries[entry].IsSilent = false;
        _entries[entry].Aside = 0;
        return wasSilent;
    }

    /// <summary>Leaves an entry that nobody serves alone for a while: others come first.</summary>
    internal void PutAside(int entry)
    {
        Entry silent = _entries[entry];
        silent.Reason = AgentReason.Missing;
        silent.Aside = silent.Aside == 0 ? FirstAside : silent.Aside * 2 < LastAside ? silent.Aside * 2 : LastAside;
        silent.RetryAt = _context.Now + _context.Jittered(silent.Aside);
    }

    /// <summary>What an entry wants is confirmed: what comes later begins anew.</summary>
    internal void Settle(int entry)
    {
        _entries[entry].Attempts = 0;
        _entries[entry].IsSilent = false;
    }

    /// <summary>The time of those that are tried again has come: they hold nothing any more. Attempts stay counted.</summary>
    internal void Expire()
    {
        for (int i = 0; i < DesiredDocument.MaxCapsules; i++)
        {
            if (_entries[i].Reason != AgentReason.None && _entries[i].RetryAt <= _context.Now)
            {
                _entries[i].Forget();
            }
        }
    }

    /// <summary>Another document, or its repetition: all are tried (again), but for those that wait after a chance, unless the operator says so.</summary>
    /// <param name="before">What counted until now, or null.</param>
    /// <param name="document">What counts from now on.</param>
    /// <param name="persisted">Generation that the device had when it came.</param>
    internal void Turn(DesiredDocument before, DesiredDocument document, ulong persisted)
    {
        Entry[] entries = NewEntries();
        for (int i = 0; i < document.Capsules.Length; i++)
        {
            DesiredCapsule capsule = document.Capsules[i];
            int old = before == null || capsule.Retry > persisted ? -1 : before.IndexOf(capsule.Name, capsule.Manifest);
            if (old >= 0 && (_entries[old].Reason == AgentReason.None || IsChance(_entries[old].Reason)))
            {
                entries[i] = _entries[old];
            }
        }

        _entries = entries;
    }

    /// <summary>Other keys count now: what no key had signed is tried again.</summary>
    internal void ForgetSignatures()
    {
        for (int i = 0; i < DesiredDocument.MaxCapsules; i++)
        {
            if (_entries[i].Reason == AgentReason.Signature)
            {
                _entries[i].Forget();
            }
        }
    }

    private static long Limit(int attempts)
    {
        long limit = FirstPause;
        for (int i = 1; i < attempts && limit < LastPause; i++)
        {
            limit *= Growth;
        }

        return limit < LastPause ? limit : LastPause;
    }

    private static Entry[] NewEntries()
    {
        Entry[] entries = new Entry[DesiredDocument.MaxCapsules];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = new Entry();
        }

        return entries;
    }

    private sealed class Entry
    {
        internal int Reason { get; set; }

        internal string Sentence { get; set; } = string.Empty;

        internal long RetryAt { get; set; }

        internal int Attempts { get; set; }

        internal bool IsTold { get; set; }

        internal int Aside { get; set; } // milliseconds for which it was put aside last

        /// <summary>Nobody serves it, told as MISSING.</summary>
        internal bool IsSilent { get; set; }

        internal void Forget()
        {
            Reason = AgentReason.None;
            IsTold = false;
        }
    }
}
