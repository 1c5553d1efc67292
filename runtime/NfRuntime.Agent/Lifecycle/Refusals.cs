using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Telemetry;

namespace NfRuntime.Agent.Lifecycle;

/// <summary>Why entries of the desired document are not followed, by their place in it (PROTOCOL.md §4.3, key 8).</summary>
internal sealed class Refusals
{
    private readonly int[] _reason = new int[DesiredDocument.MaxCapsules];
    private readonly string[] _sentence = new string[DesiredDocument.MaxCapsules];
    private readonly long[] _retryAt = new long[DesiredDocument.MaxCapsules];
    private readonly int[] _attempts = new int[DesiredDocument.MaxCapsules];
    private readonly bool[] _isTold = new bool[DesiredDocument.MaxCapsules];

    /// <summary>How many are to be told.</summary>
    internal int Count(DesiredDocument desired)
    {
        int count = 0;
        for (int i = 0; desired != null && i < desired.Capsules.Length; i++)
        {
            count += _isTold[i] ? 1 : 0;
        }

        return count;
    }

    internal void Write(CborWriter writer, DesiredDocument desired)
    {
        for (int i = 0; desired != null && i < desired.Capsules.Length; i++)
        {
            if (_isTold[i])
            {
                StateDocument.Refusal(writer, desired.Capsules[i].Name, desired.Capsules[i].Manifest, _reason[i], _sentence[i]);
            }
        }
    }

    /// <summary>Whether an entry is left alone for now.</summary>
    internal bool Holds(int entry, long now)
    {
        return _reason[entry] != AgentReason.None && now < _retryAt[entry];
    }

    /// <summary>Milliseconds until an entry is tried again.</summary>
    internal long Wait(DesiredDocument desired, long now)
    {
        long wait = long.MaxValue;
        for (int i = 0; desired != null && i < desired.Capsules.Length; i++)
        {
            if (_reason[i] != AgentReason.None && _retryAt[i] != long.MaxValue && _retryAt[i] - now < wait)
            {
                wait = _retryAt[i] > now ? _retryAt[i] - now : 0;
            }
        }

        return wait;
    }

    /// <summary>Leaves an entry alone: for good, unless it is the flash's fault.</summary>
    internal void Add(int entry, int reason, string sentence, bool isTold, long now)
    {
        _reason[entry] = reason;
        _sentence[entry] = sentence;
        _isTold[entry] = isTold;
        _retryAt[entry] = long.MaxValue;
        if (reason == AgentReason.NoSpace)
        {
            _retryAt[entry] = now + 3_600_000;
        }
        else if ((reason == AgentReason.Damaged || reason == AgentReason.Missing) && ++_attempts[entry] < 3)
        {
            _retryAt[entry] = now + 10_000;
        }
    }

    /// <summary>The time of those that are tried again has come: they hold nothing any more. Attempts stay counted.</summary>
    internal void Expire(long now)
    {
        for (int i = 0; i < DesiredDocument.MaxCapsules; i++)
        {
            if (_reason[i] != AgentReason.None && _retryAt[i] <= now)
            {
                _reason[i] = AgentReason.None;
                _isTold[i] = false;
            }
        }
    }

    /// <summary>All are tried (again): another document, or its repetition.</summary>
    internal void Clear()
    {
        for (int i = 0; i < DesiredDocument.MaxCapsules; i++)
        {
            _reason[i] = AgentReason.None;
            _attempts[i] = 0;
            _isTold[i] = false;
        }
    }

    /// <summary>Other keys count now: what no key had signed is tried again.</summary>
    internal void ForgetSignatures()
    {
        for (int i = 0; i < DesiredDocument.MaxCapsules; i++)
        {
            if (_reason[i] == AgentReason.Signature)
            {
                _reason[i] = AgentReason.None;
                _isTold[i] = false;
            }
        }
    }
}
