using System;
using NfRuntime.Native;

namespace NfRuntime.Capsules;

/// <summary>
/// Runs an open capsule: a raw sample goes in, a result comes out, either by the manifest's declared processing or by a managed
/// processor. Allocates at construction only. The caller's loop decides how long a slice is and what happens between slices.
/// </summary>
public sealed class CapsuleSession
{
    private readonly NativeCapsule _capsule;
    private readonly bool _isManaged;
    private readonly CapsuleProcessor _processor = null!;
    private readonly TensorInfo _input = null!;
    private readonly TensorInfo _output = null!;
    private readonly sbyte[] _inputTensor = null!;
    private readonly sbyte[] _outputTensor = null!;
    private readonly int[] _classes = new int[CapsuleResult.Capacity];
    private readonly float[] _scores = new float[CapsuleResult.Capacity];

    /// <summary>A session with the declared processing.</summary>
    /// <exception cref="ArgumentException">The model has more than one input, or the manifest declares no processing for it.</exception>
    public CapsuleSession(NativeCapsule capsule)
    {
        CheckOneInput(capsule);
        if (capsule.FeedBytes(0) == 0 || !capsule.HasResult)
        {
            throw new ArgumentException("the capsule declares no processing and brings no processor");
        }

        _capsule = capsule;
    }

    /// <summary>A session whose samples and results go through <paramref name="processor"/>.</summary>
    /// <exception cref="ArgumentException">The model has more than one input, or its input or first output is not int8.</exception>
    public CapsuleSession(NativeCapsule capsule, CapsuleProcessor processor)
    {
        CheckOneInput(capsule);
        _capsule = capsule;
        _processor = processor;
        _isManaged = true;
        _input = capsule.Input(0);
        _output = capsule.Output(0);
        if (_input.Type != TensorInfo.Int8 || _output.Type != TensorInfo.Int8)
        {
            throw new ArgumentException("a managed processor needs an int8 input and output");
        }

        _inputTensor = new sbyte[_input.ElementCount];
        _outputTensor = new sbyte[_output.ElementCount];
    }

    /// <summary>Takes one raw sample.</summary>
    /// <returns>Whether an inference is due.</returns>
    /// <exception cref="NativeException">The sample has not the declared size, or another capsule is running.</exception>
    public bool Feed(byte[] raw, int length)
    {
        if (!_isManaged)
        {
            return _capsule.Feed(0, raw, length);
        }

        if (!_processor.Prepare(raw, length, _inputTensor, _input))
        {
            return false;
        }

        _capsule.WriteInput(0, _inputTensor, _inputTensor.Length);
        return true;
    }

    /// <summary>Starts the inference that is due.</summary>
    public void Begin()
    {
        _capsule.Begin();
    }

    /// <summary>Runs a slice; see <see cref="NativeCapsule.Step"/>.</summary>
    /// <returns>Whether more slices are needed.</returns>
    public bool Step(int budget)
    {
        return _capsule.Step(budget);
    }

    /// <summary>Reads the result of a finished inference.</summary>
    public void Read(CapsuleResult result)
    {
        result.Clear();
        if (_isManaged)
        {
            _capsule.ReadOutput(0, _outputTensor, _outputTensor.Length);
            _processor.Interpret(_outputTensor, _output, result);
            return;
        }

        int count = _capsule.ReadResult(_classes, _scores, out int decision);
        for (int i = 0; i < count; i++)
        {
            result.Add(_classes[i], _scores[i]);
        }

        result.Decision = decision;
    }

    private static void CheckOneInput(NativeCapsule capsule)
    {
        if (capsule.InputCount != 1)
        {
            throw new ArgumentException("a session feeds one input; fill the inputs of this model through NativeCapsule");
        }
    }
}
