using NfRuntime.Agent.Protocol;

namespace NfRuntime.Agent.Lifecycle;

/// <summary>The evidence that a candidate has gathered, and what the health rules (PROTOCOL.md §3) make of it.</summary>
internal sealed class Trial
{
    /// <summary>The rule of disagreements, as the detail of a rejection.</summary>
    internal const int DisagreementRule = 4;

    private int _inferences;
    private int _disagreements;
    private int _compared;
    private int _errors;
    private int _reason;
    private long _startedAt = -1;
    private long _lastAt;

    /// <summary>Whether it is about this version.</summary>
    internal bool IsOf(byte[] manifest)
    {
        return IsRunning && Digests.AreEqual(manifest, Manifest);
    }

    internal bool IsRunning { get; private set; }

    internal byte[] Manifest { get; } = new byte[Digests.Bytes];

    /// <summary>Begins anew, with no evidence.</summary>
    internal void Start(byte[] manifest)
    {
        Digests.Copy(manifest, Manifest);
        IsRunning = true;
        _errors = 0;
        Forget();
    }

    internal void End()
    {
        IsRunning = false;
    }

    /// <summary>An inference of the candidate came to its end.</summary>
    internal void Count(long now)
    {
        _startedAt = _startedAt < 0 ? now : _startedAt;
        _lastAt = now;
        _inferences++;
    }

    /// <summary>The same of a shadow.</summary>
    internal void Compare(long now, bool isSame)
    {
        Count(now);
        _compared++;
        _disagreements += isSame ? 0 : 1;
    }

    internal void Fail(int reason)
    {
        _errors++;
        _reason = reason;
    }

    /// <summary>The reason of a strike that is due by the rules, which is spent then; None: none is.</summary>
    internal int TakeStrike(TrialRules rules)
    {
        if (_errors < rules.Errors)
        {
            return AgentReason.None;
        }

        _errors -= rules.Errors;
        return _reason;
    }

    /// <summary>Whether too many answers differ, out of as many as a trial needs.</summary>
    internal bool Disagrees(TrialRules rules)
    {
        return rules.Disagreements < TrialRules.Never && _compared >= rules.Inferences && _compared > 0
            && (long)_disagreements * 1000 >= (long)rules.Disagreements * _compared && _disagreements > 0;
    }

    /// <summary>Whether the evidence is enough. Silence is none: it begins anew after a while without an inference.</summary>
    internal bool IsEnough(TrialRules rules, long now)
    {
        if (_startedAt >= 0 && now - _lastAt > rules.Silence * 1000L)
        {
            Forget();
        }

        bool isLong = rules.Seconds == 0 || (_startedAt >= 0 && now - _startedAt >= rules.Seconds * 1000L);
        return isLong && _inferences >= rules.Inferences;
    }

    private void Forget()
    {
        _startedAt = -1;
        _inferences = 0;
        _disagreements = 0;
        _compared = 0;
    }
}
