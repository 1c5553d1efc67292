using System;
using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Telemetry;
using NfRuntime.Capsules;
using NfRuntime.Native;

namespace NfRuntime.Agent.Lifecycle;

/// <summary>One inference of one version after the other: waits for the arena, counts its deadline, and turns whatever is thrown into a reason.</summary>
internal sealed class Inference
{
    internal const int Ended = 0;
    internal const int Later = 1; // call again
    internal const int Due = 2;
    internal const int NotDue = 3;
    internal const int Failed = 4;
    internal const int Nothing = 5; // the sample that it waited with made no inference due

    private readonly AgentContext _context;
    private readonly CapsuleFigures _figures;
    private bool _isFed;
    private bool _hasBegun;
    private long _waitsSince;
    private long _begunAt;
    private long _preparing; // microseconds that the due sample took

    internal Inference(AgentContext context, CapsuleFigures figures)
    {
        _context = context;
        _figures = figures;
    }

    /// <summary>Another capsule had the arena when it was to be fed or begun: nothing of it is in the arena.</summary>
    internal bool IsHeldUp { get; private set; }

    /// <summary>After Failed: why.</summary>
    internal int Reason { get; private set; }

    /// <summary>Due, NotDue, Failed, or Later: another capsule has the arena, and the sample has to be given again.</summary>
    internal int Feed(OpenVersion version, byte[] sample, int count)
    {
        IsHeldUp = false;
        try
        {
            long start = _context.Platform.Microseconds();
            bool isDue = version.Runner.Feed(sample, count);
            _preparing = _context.Platform.Microseconds() - start;
            _isFed = isDue;
            return isDue ? Due : NotDue;
        }
        catch (NativeException e)
        {
            _isFed = false;
            IsHeldUp = e.Error == NativeError.Busy;
            return IsHeldUp ? Later : Fail(AgentReason.Fault);
        }
        catch (Exception)
        {
            _isFed = false;
            return Fail(AgentReason.Processor);
        }
    }

    /// <summary>The next Step begins an inference.</summary>
    internal void Start()
    {
        _hasBegun = false;
        _waitsSince = _context.Platform.Microseconds();
    }

    /// <summary>A slice. Ended: the answer is in <paramref name="result"/>. Later, Nothing, Failed.</summary>
    internal int Step(OpenVersion version, byte[] sample, int count, CapsuleResult result, int budget)
    {
        try
        {
            if (!_hasBegun)
            {
                int begun = Begin(version, sample, count);
                if (begun != Due)
                {
                    return begun;
                }
            }

            return Run(version, result, budget);
        }
        catch (NativeException e)
        {
            IsHeldUp = e.Error == NativeError.Busy && !_hasBegun;
            return IsHeldUp ? Later : Fail(AgentReason.Fault);
        }
        catch (Exception)
        {
            return Fail(AgentReason.Processor);
        }
    }

    /// <summary>Another version answers now: what waits for the arena gives its sample to that one.</summary>
    internal void FeedAgain()
    {
        _isFed = false;
    }

    /// <summary>Ends what runs; version: may be null.</summary>
    internal void GiveUp(OpenVersion version)
    {
        _isFed = false;
        IsHeldUp = false;
        if (_hasBegun && version != null)
        {
            try
            {
                version.Runner.Abort();
            }
            catch (NativeException)
            {
                Fail(AgentReason.Fault);
            }
        }

        _hasBegun = false;
    }

    // The arena may be another's: a self-test's case that is under way. It is waited for, and counts as blackout.
    private int Begin(OpenVersion version, byte[] sample, int count)
    {
        if (!_isFed)
        {
            int fed = Feed(version, sample, count);
            if (fed != Due)
            {
                return fed == NotDue ? Nothing : fed;
            }
        }

        version.Runner.Begin();
        IsHeldUp = false;
        _isFed = false;
        _hasBegun = true;
        _begunAt = _context.Platform.Microseconds();
        int waited = (int)(_begunAt - _waitsSince);
        if (_context.IsTesting && waited > _figures.Blackout)
        {
            _figures.Blackout = waited;
        }

        return Due;
    }

    private int Run(OpenVersion version, CapsuleResult result, int budget)
    {
        if (version.Runner.Step(budget))
        {
            if (!IsLate(version))
            {
                return Later;
            }

            version.Runner.Abort();
            return Fail(AgentReason.Deadline);
        }

        version.Runner.Collect(result);
        if (IsLate(version))
        {
            return Fail(AgentReason.Deadline);
        }

        _hasBegun = false;
        _figures.Add(Spent(), result.Decision);
        return Ended;
    }

    // From feed to result, as the manifest's deadline is meant: a processor's time counts, an application's between them does not.
    private int Spent()
    {
        return (int)(_context.Platform.Microseconds() - _begunAt + _preparing);
    }

    private bool IsLate(OpenVersion version)
    {
        return version.Deadline != 0 && Spent() / 1000 > version.Deadline;
    }

    private int Fail(int reason)
    {
        _figures.AddError();
        IsHeldUp = false;
        _isFed = false;
        _hasBegun = false;
        Reason = reason;
        return Failed;
    }
}
