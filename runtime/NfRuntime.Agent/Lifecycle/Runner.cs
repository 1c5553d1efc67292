using System;
using NfRuntime.Capsules;
using NfRuntime.Native;

namespace NfRuntime.Agent.Lifecycle;

/// <summary>
/// One open version, as a slot drives it: samples in, an answer out, by declared processing, a managed processor, or as bare int8 tensors
/// where there is neither. Throws what the capsule or its processor throws.
/// </summary>
internal sealed class Runner
{
    private readonly NativeCapsule _capsule;
    private readonly CapsuleSession _session = null!;
    private readonly sbyte[] _input = null!;
    private readonly sbyte[] _output;

    /// <param name="capsule">Open, and another's to close.</param>
    /// <param name="processor">Of the capsule's managed section, or null.</param>
    internal Runner(NativeCapsule capsule, CapsuleProcessor processor)
    {
        _capsule = capsule;
        _output = new sbyte[capsule.Output(0).ElementCount];
        if (processor != null)
        {
            _session = new CapsuleSession(capsule, processor);
        }
        else if (capsule.HasResult && capsule.FeedBytes(0) != 0)
        {
            _session = new CapsuleSession(capsule);
        }
        else if (capsule.FeedBytes(0) == 0)
        {
            _input = new sbyte[capsule.Input(0).ElementCount];
        }
    }

    /// <summary>Whether an answer is a decision, and not just tensors.</summary>
    internal bool Decides
    {
        get { return _session != null; }
    }

    /// <summary>The first output's int8 values, after <see cref="Collect"/> of a version that does not decide.</summary>
    internal sbyte[] Output
    {
        get { return _output; }
    }

    internal bool Feed(byte[] raw, int count)
    {
        if (_session != null)
        {
            return _session.Feed(raw, count);
        }

        if (_input == null)
        {
            return _capsule.Feed(0, raw, count);
        }

        if (count != _input.Length)
        {
            throw new ArgumentException("a sample of another size than the input");
        }

        for (int i = 0; i < count; i++)
        {
            _input[i] = (sbyte)raw[i];
        }

        _capsule.WriteInput(0, _input, count);
        return true;
    }

    internal void Begin()
    {
        _capsule.Begin();
    }

    internal bool Step(int budget)
    {
        return _capsule.Step(budget);
    }

    internal void Abort()
    {
        _capsule.Abort();
    }

    /// <summary>Takes the answer of a finished inference out of the arena.</summary>
    internal void Collect(CapsuleResult result)
    {
        result.Clear();
        if (_session != null)
        {
            _session.Read(result);
        }
        else
        {
            _capsule.ReadOutput(0, _output, _output.Length);
        }
    }

    /// <summary>Whether two versions said the same of one input: the same decision, or the same bytes where nothing is decided.</summary>
    internal bool Agrees(CapsuleResult own, Runner other, CapsuleResult others)
    {
        if (Decides || other.Decides)
        {
            return Decides && other.Decides && own.Decision == others.Decision;
        }

        bool isSame = _output.Length == other._output.Length;
        for (int i = 0; isSame && i < _output.Length; i++)
        {
            isSame = _output[i] == other._output[i];
        }

        return isSame;
    }
}
