using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Pull;
using NfRuntime.Agent.Telemetry;

namespace NfRuntime.Agent.Lifecycle;

/// <summary>
/// Whose capsule is fetched: one at a time. One that nobody serves is said to be missing and gives its turn to the next that waits; alone
/// it goes on asking, the registry too.
/// </summary>
internal sealed class FetchTurns
{
    private readonly AgentContext _context;
    private readonly CapsuleFetch _fetch;
    private readonly Refusals _refusals;
    private int _entry;

    internal FetchTurns(AgentContext context, CapsuleFetch fetch, Refusals refusals)
    {
        _context = context;
        _fetch = fetch;
        _refusals = refusals;
    }

    /// <summary>Entry of the document that is to be looked at first; not bounded by its length.</summary>
    internal int First { get; private set; }

    /// <summary>Another entry waits for the fetch to end.</summary>
    internal bool IsAwaited { get; set; }

    /// <summary>It runs a job of the store, which has one at a time.</summary>
    internal bool HasJob
    {
        get { return _fetch.IsActive && _fetch.HasJob; }
    }

    internal bool IsOf(DesiredCapsule entry)
    {
        return _fetch.IsOf(entry.Manifest) && _fetch.Name == entry.Name;
    }

    /// <summary>Starts. False: another fetch has to end first.</summary>
    internal bool Start(int index, DesiredCapsule entry, string registry)
    {
        if (_fetch.IsActive)
        {
            IsAwaited = true;
            return false;
        }

        _entry = index;
        _fetch.Start(entry, registry);
        _context.Note(LogRing.Detail, LogEvent.Fetch, entry.Name, "another version is wanted");
        return true;
    }

    /// <summary>Another document: what is being fetched goes on when that still wants it.</summary>
    internal void Keep(DesiredDocument document)
    {
        for (int i = 0; i < document.Capsules.Length; i++)
        {
            if (IsOf(document.Capsules[i]))
            {
                _entry = i;
                _fetch.Continue(document.Capsules[i], document.Registry);
                return;
            }
        }

        _fetch.Stop();
    }

    internal bool IsDue()
    {
        _context.StateChanged |= _fetch.Blob.HasHeard && _refusals.Hear(_entry);
        return _fetch.IsActive && _fetch.Wait() <= 0;
    }

    internal long Wait()
    {
        return _fetch.IsActive ? _fetch.Wait() : long.MaxValue;
    }

    /// <summary>One piece of work. True: look at the whole document again.</summary>
    internal bool Step(DesiredDocument desired)
    {
        if (_fetch.Step() != 0)
        {
            return _fetch.Blob.IsSilent && Miss();
        }

        if (_fetch.Reason == AgentReason.None)
        {
            _context.StateChanged |= _refusals.Hear(_entry); // perhaps another capsule brought it
        }
        else if (desired != null && _entry < desired.Capsules.Length)
        {
            _refusals.Add(_entry, _fetch.Reason, _fetch.Sentence, _fetch.IsRefusal);
        }

        return true;
    }

    private bool Miss()
    {
        string sentence = _fetch.Total == 0 ? "nobody serves its manifest" : "nobody serves it: " + _fetch.Here.ToString() + " of " + _fetch.Total.ToString() + " bytes are here";
        if (_refusals.Miss(_entry, sentence))
        {
            _context.StateChanged = true;
            _context.Note(LogRing.Warning, LogEvent.Fetch, _fetch.Name, sentence);
        }

        if (!IsAwaited)
        {
            _fetch.AskRegistry();
            return false;
        }

        _refusals.PutAside(_entry);
        First = _entry + 1;
        _fetch.Stop();
        return true;
    }
}
