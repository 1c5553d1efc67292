using NfRuntime.Agent.Protocol;
using NfRuntime.Native;

namespace NfRuntime.Agent.Pull;

/// <summary>
/// Brings one blob into the store, from where an earlier boot left off: makes room, takes chunks from one source after the other until
/// all are there, and has the store hash what is on flash. What is missing is known to the store alone, so that it survives resets.
/// </summary>
internal sealed class BlobFetch
{
    private const int Idle = 0;
    private const int Starting = 1;
    private const int Beginning = 2;
    private const int MakingRoom = 3;
    private const int Taking = 4;
    private const int Finishing = 5;

    private const int MaxAttempts = 3;
    private const int OfferEvery = 300_000; // milliseconds
    private const int SpareSlots = 2; // a blob, and the name that may come with it

    private readonly AgentContext _context;
    private readonly BlockStream _blocks;
    private readonly RangeStream _range;
    private readonly DeltaStream _delta;
    private readonly byte[] _digest = new byte[Digests.Bytes];
    private int _bytes;
    private int _phase;
    private int _attempts;
    private bool _hasMadeRoom;
    private long _offerAt;
    private bool _hasLied; // a source: what it gave had another hash
    private bool _isGivenUp; // by the store, while a frame was written: dealt with in the step's own time

    internal BlobFetch(AgentContext context, IRangeSource rangeSource)
    {
        _context = context;
        _blocks = new BlockStream(context);
        _range = new RangeStream(context, rangeSource);
        _delta = new DeltaStream(context);
    }

    internal bool IsActive
    {
        get { return _phase != Idle; }
    }

    /// <summary>It runs a job of the store, which has one at a time.</summary>
    internal bool HasJob
    {
        get { return _phase == Beginning || _phase == MakingRoom || _phase == Finishing; }
    }

    /// <summary>The blob has a place in the store: what refers to it can be written. Again after it was begun again.</summary>
    internal bool IsBegun { get; private set; }

    /// <summary>Topic of the blocks that are wanted; empty for none.</summary>
    internal string Topic
    {
        get { return _blocks.Topic; }
    }

    /// <summary>Blocks are what it is waiting for, and nobody sends any.</summary>
    internal bool IsSilent
    {
        get { return _phase == Taking && !_delta.IsOffered && !_range.IsOffered && _blocks.IsSilent; }
    }

    /// <summary>Somebody serves it.</summary>
    internal bool HasHeard
    {
        get { return _phase == Taking && (_blocks.HasHeard || _range.HasHeard) && !IsSilent; }
    }

    /// <summary>After a failure: why.</summary>
    internal int Reason { get; private set; }

    /// <summary>Bytes of the blob that are here.</summary>
    internal int Here
    {
        get { return _phase == Taking || _phase == Finishing ? _blocks.Here : 0; }
    }

    internal bool IsOf(byte[] digest)
    {
        return IsActive && Digests.AreEqual(digest, _digest);
    }

    /// <summary>Starts. <paramref name="url"/>: of the same blob at a registry, or empty; delta: whose delta blob and base are here, or null.</summary>
    internal void Start(byte[] digest, int bytes, string url, DesiredDelta delta)
    {
        Stop();
        Digests.Copy(digest, _digest);
        _bytes = bytes;
        _range.Offer(url);
        _delta.Offer(delta, digest, bytes);
        _hasLied = false;
        _offerAt = _context.Now;
        _attempts = 0;
        _hasMadeRoom = false;
        Reason = AgentReason.None;
        _phase = Starting;
    }

    /// <summary>A registry that failed, or that nobody had named, is asked (again): nobody else serves it.</summary>
    internal void OfferAgain(string url)
    {
        if (IsSilent && !_hasLied && _context.Now >= _offerAt)
        {
            _offerAt = _context.Now + OfferEvery;
            _range.Offer(url);
            _range.Start(_digest, _bytes, _context.Store.ChunkLog2);
        }
    }

    /// <summary>Gives up; what is here stays.</summary>
    internal void Stop()
    {
        if (_phase == Beginning || _phase == MakingRoom || _phase == Finishing)
        {
            _context.Store.Cancel();
        }

        if (_phase == Taking)
        {
            _context.Store.Sync();
        }

        LetGo();
        _phase = Idle;
        IsBegun = false;
    }

    /// <summary>One piece of work. 1: call again; 0: it is complete; negative: it failed, and Reason says why.</summary>
    internal int Step()
    {
        switch (_phase)
        {
            case Starting: return Begin();
            case Beginning: return OnBegun(_context.Store.StepJob(_context.Options.JobBytes));
            case MakingRoom: return OnRoom(_context.Store.StepJob(_context.Options.JobBytes));
            case Taking: return Take();
            case Finishing: return OnFinished(_context.Store.StepJob(_context.Options.JobBytes));
            default: return Fail(AgentReason.Fault);
        }
    }

    /// <summary>Milliseconds until a step has something to do.</summary>
    internal long Wait()
    {
        if (_phase == Idle)
        {
            return long.MaxValue;
        }

        return _phase != Taking || _delta.IsOffered || _isGivenUp ? 0 : _range.IsOffered ? _range.Wait() : _blocks.Wait();
    }

    internal void OnFrame(byte[] frame, int count, bool isRetained)
    {
        if (_phase != Taking || isRetained || _isGivenUp)
        {
            _context.Report.BadFrames++;
            return;
        }

        _isGivenUp = _blocks.OnFrame(frame, count) < 0;
    }

    private int Begin()
    {
        int log2 = BlobGeometry.Log2(_bytes, BlobGeometry.Choice(_context.Platform.FreeHeapBytes(), _context.Options.Facts.LargestBlockLog2));
        if (log2 > _context.Options.Facts.LargestBlockLog2)
        {
            return Fail(AgentReason.Buffer);
        }

        _context.Store.Sync(); // what was written of the blob before this one
        return OnBegun(_context.Store.Begin(_digest, _bytes, log2));
    }

    private int OnBegun(int result)
    {
        if (result == NativeError.Busy)
        {
            return 1;
        }

        if (result == 1)
        {
            _phase = Beginning;
            return 1;
        }

        if (result == NativeError.NoSpace && !_hasMadeRoom)
        {
            _hasMadeRoom = true;
            return OnRoom(_context.Store.Room(_bytes, SpareSlots));
        }

        if (result < 0)
        {
            return Fail(result == NativeError.NoSpace ? AgentReason.NoSpace : AgentReason.Damaged);
        }

        return _context.Store.BlobState(_digest) == Lifecycle.LifecycleNumbers.BlobComplete ? Complete() : OnTaking();
    }

    private int OnRoom(int result)
    {
        if (result == 1)
        {
            _phase = MakingRoom;
            return 1;
        }

        if (result == NativeError.Busy)
        {
            _hasMadeRoom = false;
            return 1;
        }

        _phase = Starting;
        return result < 0 ? Fail(result == NativeError.NoSpace ? AgentReason.NoSpace : AgentReason.Damaged) : 1;
    }

    private int OnTaking()
    {
        int log2 = _context.Store.ChunkLog2;
        if (log2 > _context.Options.Facts.LargestBlockLog2)
        {
            return Fail(AgentReason.Buffer);
        }

        _phase = Taking;
        IsBegun = true;
        _blocks.Start(_digest, _bytes, log2);
        _range.Start(_digest, _bytes, log2);
        _delta.Start(_bytes, log2);
        return 1;
    }

    private int Take()
    {
        if (_isGivenUp)
        {
            return BeginAgain(AgentReason.Damaged);
        }

        if (_context.Store.Missing(0) >= _context.Store.ChunkCount)
        {
            return Finish();
        }

        if (!_delta.IsOffered && !_range.IsOffered)
        {
            return _blocks.Step();
        }

        int result = _delta.IsOffered ? _delta.Step() : _range.Step();
        _blocks.Count();
        return result < 0 ? BeginAgain(AgentReason.Damaged) : 1;
    }

    private int Finish()
    {
        _blocks.Stop();
        _range.Stop();
        int result = _context.Store.Finish();
        return result == NativeError.Busy ? 1 : OnFinished(result);
    }

    private int OnFinished(int result)
    {
        if (result == 1)
        {
            _phase = Finishing;
            return 1;
        }

        if (result == 0)
        {
            return Complete();
        }

        // What a source gave once it would give again; of a stream any block may have been a stranger's.
        _delta.Withdraw();
        _range.Withdraw();
        _hasLied = true;
        return BeginAgain(result == NativeError.Corrupt ? AgentReason.Digest : AgentReason.Damaged);
    }

    private int Complete()
    {
        LetGo();
        _phase = Idle;
        return 0;
    }

    private int BeginAgain(int reason)
    {
        LetGo();
        IsBegun = false;
        _phase = Starting;
        return ++_attempts < MaxAttempts ? 1 : Fail(reason);
    }

    private int Fail(int reason)
    {
        LetGo();
        _phase = Idle;
        Reason = reason;
        return -1;
    }

    private void LetGo()
    {
        _blocks.Stop();
        _range.Stop();
        _delta.Stop();
        _isGivenUp = false;
    }
}
