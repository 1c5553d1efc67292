using NfRuntime.Agent.Lifecycle;
using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Telemetry;
using NfRuntime.Native;

namespace NfRuntime.Agent.Pull;

/// <summary>
/// Brings one capsule to STAGED, in the order of PROTOCOL.md §7: its manifest, which is verified and asked whether it fits, and only then
/// its sections, one blob after the other. What is here is not fetched.
/// </summary>
internal sealed class CapsuleFetch
{
    private const int Idle = 0;
    private const int Manifest = 1;
    private const int Judging = 2;
    private const int Sections = 3;
    private const int Delta = 4;
    private const int Section = 5;

    private readonly AgentContext _context;
    private readonly FactsCache _facts;
    private readonly BlobFetch _blob;
    private readonly StoreRoom _room;
    private readonly byte[] _section = new byte[Digests.Bytes];
    private byte[] _manifest = null!;
    private DesiredCapsule _entry = null!;
    private string _registry = string.Empty;
    private DesiredDelta _delta = null!;
    private int _phase;
    private int _slot;
    private int _kind;
    private int _sectionBytes;
    private int _done;
    private bool _isAttached;

    internal CapsuleFetch(AgentContext context, FactsCache facts, BlobFetch blob)
    {
        _context = context;
        _facts = facts;
        _blob = blob;
        _room = new StoreRoom(context.Store);
    }

    internal bool IsActive
    {
        get { return _phase != Idle; }
    }

    /// <summary>Name that is being fetched; empty for none.</summary>
    internal string Name
    {
        get { return IsActive ? _entry.Name : string.Empty; }
    }

    /// <summary>Why it ended without a staged candidate; None: it did not.</summary>
    internal int Reason { get; private set; }

    /// <summary>The same for people.</summary>
    internal string Sentence { get; private set; } = string.Empty;

    /// <summary>Whether it ended before a candidate was begun: nothing in the store says why.</summary>
    internal bool IsRefusal { get; private set; }

    /// <summary>Bytes of the capsule in all, once its manifest is known; 0 before.</summary>
    internal int Total { get; private set; }

    /// <summary>Bytes of it that are here.</summary>
    internal int Here
    {
        get { return _done + (_phase == Section ? _blob.Here : 0); }
    }

    /// <summary>The blob that it is at.</summary>
    internal BlobFetch Blob
    {
        get { return _blob; }
    }

    internal bool IsOf(byte[] manifest)
    {
        return IsActive && Digests.AreEqual(_entry.Manifest, manifest);
    }

    internal void Start(DesiredCapsule entry, string registry)
    {
        Stop();
        _registry = registry;
        _entry = entry;
        _slot = -1;
        _done = 0;
        Total = 0;
        Reason = AgentReason.None;
        Sentence = string.Empty;
        IsRefusal = false;
        _phase = Manifest;
        _context.ExpectsRecords = true;
        FetchBlob(entry.Manifest, entry.ManifestBytes, null!);
    }

    /// <summary>Another document says the same of this capsule: newer deltas, another registry.</summary>
    internal void Continue(DesiredCapsule entry, string registry)
    {
        _entry = entry;
        _registry = registry;
    }

    /// <summary>Nobody serves what it is at: asks the registry once more.</summary>
    internal void AskRegistry()
    {
        if (_phase == Manifest || _phase == Section)
        {
            _blob.OfferAgain(Url(_phase == Manifest ? _entry.Manifest : _section));
        }
    }

    internal void Stop()
    {
        _blob.Stop();
        _phase = Idle;
        _manifest = null!;
    }

    /// <summary>It runs a job of the store, which has one at a time.</summary>
    internal bool HasJob
    {
        get { return _blob.HasJob; }
    }

    internal long Wait()
    {
        return _phase == Idle ? long.MaxValue : _blob.IsActive ? _blob.Wait() : 0;
    }

    /// <summary>One piece of work. 1: call again; 0: it has ended, staged or for a <see cref="Reason"/>.</summary>
    internal int Step()
    {
        if (_blob.IsActive)
        {
            int result = _blob.Step();
            if (_phase == Delta && _blob.IsSilent)
            {
                _blob.Stop();
                return OnBlobFailed();
            }

            _isAttached &= _blob.IsBegun;
            if (_phase == Section && _blob.IsBegun && !_isAttached && !Attach())
            {
                return 0;
            }

            return result == 1 ? 1 : result == 0 ? OnBlob() : OnBlobFailed();
        }

        switch (_phase)
        {
            case Judging: return Judge();
            case Sections: return NextSection();
            default: return OnBlob();
        }
    }

    private int OnBlob()
    {
        switch (_phase)
        {
            case Manifest:
                _phase = Judging;
                return 1;
            case Delta:
                _phase = Section;
                FetchBlob(_section, _sectionBytes, _delta);
                return 1;
            default:
                _phase = Sections;
                return Attach() ? 1 : 0;
        }
    }

    // A delta that cannot be had is no loss: the section comes whole.
    private int OnBlobFailed()
    {
        if (_phase != Delta)
        {
            return End(_blob.Reason, ReasonText.Of(_blob.Reason));
        }

        _phase = Section;
        FetchBlob(_section, _sectionBytes, null!);
        return 1;
    }

    private int Judge()
    {
        _manifest = new byte[_entry.ManifestBytes];
        int error = _context.Store.Read(_entry.Manifest, 0, _manifest, 0, _manifest.Length);
        if (error < 0)
        {
            return End(AgentReason.Damaged, "its manifest cannot be read");
        }

        CapsuleSummary summary = _context.Store.Verify(_manifest);
        if (summary.Error != NativeError.Ok)
        {
            return End(ReasonText.OfError(summary.Error), "the manifest " + NativeError.Describe(summary.Error));
        }

        if (summary.Name != _entry.Name)
        {
            return End(AgentReason.Name, "the manifest is of " + summary.Name);
        }

        uint counter = (uint)summary.SecurityCounter;
        int reason = _context.Store.MayFetch(_entry.Name, _entry.Manifest, counter);
        if (reason != AgentReason.None)
        {
            reason = reason < 0 ? ReasonText.OfError(reason) : reason;
            return End(reason, ReasonText.Of(reason));
        }

        if (summary.Fits != NativeError.Ok)
        {
            return End(summary.Fits == NativeError.Unsupported ? AgentReason.Unsupported : AgentReason.DoesNotFit, summary.Deficit);
        }

        string deficit = _room.Deficit(_manifest);
        if (deficit.Length != 0)
        {
            return End(AgentReason.NoSpace, deficit);
        }

        _facts.Add(_entry.Manifest, _manifest, summary);
        return StartCandidate(summary, counter);
    }

    private int StartCandidate(CapsuleSummary summary, uint counter)
    {
        int slot = _context.Store.Fetch(_entry.Name, counter, _entry.Manifest);
        if (slot < 0)
        {
            return End(ReasonText.OfError(slot), "the candidate cannot be recorded: it " + NativeError.Describe(slot));
        }

        _slot = slot;
        _done = _entry.ManifestBytes;
        Total = _entry.ManifestBytes;
        for (int kind = 1; kind <= LifecycleNumbers.SectionLast; kind++)
        {
            Total += summary.SectionBytes(kind);
        }

        _kind = 0;
        _phase = Sections;
        _context.StateChanged = true;
        return 1;
    }

    private int NextSection()
    {
        _done += _kind == 0 ? 0 : _sectionBytes;
        _kind++;
        while (_kind <= LifecycleNumbers.SectionLast && !_context.Store.Section(_manifest, _kind, _section, out _sectionBytes))
        {
            _kind++;
        }

        if (_kind > LifecycleNumbers.SectionLast)
        {
            int error = _context.Store.Apply(_slot, LifecycleNumbers.EventFetched, 0, 0, 0);
            return error < 0 ? End(AgentReason.Missing, ReasonText.Of(AgentReason.Missing)) : Staged();
        }

        if (_context.Store.BlobState(_section) == LifecycleNumbers.BlobComplete)
        {
            return Attach() ? 1 : 0;
        }

        _delta = FindDelta();
        if (_delta == null || _context.Store.BlobState(_delta.Delta) == LifecycleNumbers.BlobComplete)
        {
            _phase = Section;
            FetchBlob(_section, _sectionBytes, _delta!);
        }
        else
        {
            _phase = Delta;
            _blob.Start(_delta.Delta, _delta.Bytes, string.Empty, null!); // no registry has it
        }

        return 1;
    }

    // The smallest one whose base is here, when it is smaller than what it makes.
    private DesiredDelta FindDelta()
    {
        DesiredDelta best = null!;
        for (int i = 0; i < _entry.Deltas.Length; i++)
        {
            DesiredDelta delta = _entry.Deltas[i];
            bool isUseful = Digests.AreEqual(delta.Target, _section) && delta.Bytes < _sectionBytes && (best == null || delta.Bytes < best.Bytes);
            if (isUseful && _context.Store.BlobState(delta.Base) == LifecycleNumbers.BlobComplete)
            {
                best = delta;
            }
        }

        return best!;
    }

    private bool Attach()
    {
        int error = _context.Store.Attach(_slot, _kind, _section);
        _isAttached = error >= 0;
        if (error < 0)
        {
            End(ReasonText.OfError(error), "a section cannot be recorded: it " + NativeError.Describe(error));
        }

        return error >= 0;
    }

    private void FetchBlob(byte[] digest, int bytes, DesiredDelta delta)
    {
        _blob.Start(digest, bytes, Url(digest), delta);
    }

    private string Url(byte[] digest)
    {
        return _registry.Length == 0 ? string.Empty : _registry + "/blobs/sha256:" + _context.Topics.Hex(digest);
    }

    private int Staged()
    {
        _context.StateChanged = true;
        _context.Note(LogRing.Info, LogEvent.Fetched, _entry.Name, "all of it is here");
        Stop();
        return 0;
    }

    private int End(int reason, string sentence)
    {
        if (_slot >= 0)
        {
            _context.Store.Apply(_slot, LifecycleNumbers.EventFetchFailed, reason, 0, 0);
        }

        Reason = reason;
        Sentence = sentence;
        IsRefusal = _slot < 0;
        _context.StateChanged = true;
        _context.Note(LogRing.Warning, IsRefusal ? LogEvent.Refused : LogEvent.Rejected, _entry.Name, "refused: " + sentence);
        Stop();
        return 0;
    }
}
