using System;
#if NANOFRAMEWORK_1_0
using Context = System.Int32;
#else
using Context = System.IntPtr;
#endif

namespace NfRuntime.Native;

/// <summary>
/// An open capsule: its tensors, and inference in slices. Bulk accessors copy between managed arrays and the arena, so that no
/// managed array is held by the firmware between calls. One thread at a time; one inference in flight over all capsules.
/// </summary>
public sealed class NativeCapsule : IDisposable
{
    private const string Subject = "the capsule";

    // Words of the facade's structures (firmware/interop/nfr_native.h).
    private const int InfoWords = 8;
    private const int TensorWords = 13;
    private const int ResultWords = 27;
    private const int LabelBytes = 65;

    private readonly Context _context;
    private readonly int _handle;
    private readonly int[] _result = new int[ResultWords];
    private readonly bool _isOwner;
    private bool _closed;

    // Not its owner: Dispose leaves the handle open, and whoever closes it calls End.
    internal NativeCapsule(Context context, int handle, bool isOwner)
    {
        _context = context;
        _handle = handle;
        _isOwner = isOwner;
        int[] info = new int[InfoWords];
        NativeException.Check(Subject, NativeMethods.Info(context, handle, info));
        InputCount = info[0];
        OutputCount = info[1];
        OperatorCount = info[2];
        ArenaBytes = info[3];
        StateBytes = info[4];
        LabelCount = info[5];
        HasResult = info[6] != 0;
        IsSigned = info[7] != 0;
    }

    public int InputCount { get; }

    public int OutputCount { get; }

    /// <summary>Records of the plan.</summary>
    public int OperatorCount { get; }

    /// <summary>Transient bytes of the plan, in the arena that all capsules share.</summary>
    public int ArenaBytes { get; }

    /// <summary>Bytes reserved for this capsule: the plan's state and the windows of its pre-processing.</summary>
    public int StateBytes { get; }

    public int LabelCount { get; }

    /// <summary>Whether the manifest declares post-processing.</summary>
    public bool HasResult { get; }

    /// <summary>False for a bare model.</summary>
    public bool IsSigned { get; }

    /// <summary>Shape and quantization of input <paramref name="index"/>.</summary>
    public TensorInfo Input(int index)
    {
        return Info(0, index);
    }

    /// <summary>Shape and quantization of output <paramref name="index"/>.</summary>
    public TensorInfo Output(int index)
    {
        return Info(1, index);
    }

    /// <summary>Exact bytes of one feed into input <paramref name="index"/>; 0 when the manifest declares no pre-processing for it.</summary>
    public int FeedBytes(int index)
    {
        return Words(0, index)[10];
    }

    /// <summary>Copies <paramref name="count"/> bytes of an int8 input, from its start.</summary>
    /// <exception cref="NativeException">Out of order, out of range, or another capsule is running.</exception>
    public void WriteInput(int index, sbyte[] source, int count)
    {
        CheckLength(source.Length, count);
        NativeException.Check(Subject, NativeMethods.WriteInput(Live(), _handle, index, source, 0, count));
    }

    /// <summary>Quantizes <paramref name="count"/> real values into an input, from its start.</summary>
    /// <exception cref="NativeException">As for int8 values.</exception>
    public void WriteInput(int index, float[] source, int count)
    {
        CheckLength(source.Length, count);
        NativeException.Check(Subject, NativeMethods.WriteInputFloat(Live(), _handle, index, source, 0, count));
    }

    /// <summary>Gives one feed of raw samples to the declared pre-processing.</summary>
    /// <returns>Whether an inference is due.</returns>
    /// <exception cref="NativeException">Not <see cref="FeedBytes"/> bytes, no pre-processing, or another capsule is running.</exception>
    public bool Feed(int index, byte[] samples, int count)
    {
        CheckLength(samples.Length, count);
        return NativeException.Check(Subject, NativeMethods.Feed(Live(), _handle, index, samples, count)) == 1;
    }

    /// <summary>Starts an inference on the inputs that were written.</summary>
    /// <exception cref="NativeException">Inputs are missing, or another capsule is running.</exception>
    public void Begin()
    {
        NativeException.Check(Subject, NativeMethods.Begin(Live(), _handle));
    }

    /// <summary>Runs a slice of about <paramref name="budget"/> instructions, 0 = the firmware's default. Between slices other threads run and an abort takes effect.</summary>
    /// <returns>Whether the inference needs more slices.</returns>
    /// <exception cref="NativeException">No inference was begun, or the arena was lost.</exception>
    public bool Step(int budget)
    {
        return NativeException.Check(Subject, NativeMethods.Step(Live(), _handle, budget)) == 1;
    }

    /// <summary>Gives up an inference; state tensors stay as they are.</summary>
    public void Abort()
    {
        NativeException.Check(Subject, NativeMethods.Abort(Live(), _handle));
    }

    /// <summary>Copies <paramref name="count"/> bytes of an int8 output, from its start.</summary>
    /// <exception cref="NativeException">There is no finished inference, or out of range.</exception>
    public void ReadOutput(int index, sbyte[] target, int count)
    {
        CheckLength(target.Length, count);
        NativeException.Check(Subject, NativeMethods.ReadOutput(Live(), _handle, index, target, 0, count));
    }

    /// <summary>The declared result: fills classes and scores, best first, and returns how many; <paramref name="decision"/> is −1 for none.</summary>
    /// <param name="classes">At least 8 elements.</param>
    /// <param name="scores">At least 8 elements, real values.</param>
    /// <param name="decision">The decided class after threshold and debouncing.</param>
    /// <exception cref="NativeException">No post-processing is declared, or there is no finished inference.</exception>
    public int ReadResult(int[] classes, float[] scores, out int decision)
    {
        NativeException.Check(Subject, NativeMethods.Result(Live(), _handle, _result));
        decision = _result[0];
        int count = _result[2];
        for (int i = 0; i < count; i++)
        {
            classes[i] = _result[3 + (3 * i)];
            scores[i] = Words32.ToSingle(_result[5 + (3 * i)]);
        }

        return count;
    }

    /// <summary>Name of class <paramref name="index"/>, or an empty text when there is none.</summary>
    public string Label(int index)
    {
        if (index < 0 || index >= LabelCount)
        {
            return string.Empty;
        }

        byte[] text = new byte[LabelBytes];
        int length = NativeException.Check(Subject, NativeMethods.Label(Live(), _handle, index, text, text.Length));
        return Words32.ToText(text, length);
    }

    /// <summary>State, windows and debouncing as after opening.</summary>
    public void Reset()
    {
        NativeException.Check(Subject, NativeMethods.Reset(Live(), _handle));
    }

    /// <summary>Closes the capsule and frees its state; afterwards it cannot be used. Nothing for a capsule of a store, which closes it.</summary>
    public void Dispose()
    {
        if (_isOwner && !_closed)
        {
            _closed = true;
            int error = NativeMethods.Close(_context, _handle);
#if !NANOFRAMEWORK_1_0
            Closed?.Invoke();
#endif
            NativeException.Check(Subject, error);
        }
    }

#if !NANOFRAMEWORK_1_0
    /// <summary>Frees what the firmware borrowed for the capsule, which it no longer reads.</summary>
    internal System.Action? Closed { get; set; }
#endif

    /// <summary>Its handle was closed by its owner.</summary>
    internal void End()
    {
        _closed = true;
    }

    internal int Handle
    {
        get { return _handle; }
    }

    // The firmware knows closed handles; but a host's context may be gone with its runtime.
    private Context Live()
    {
#if !NANOFRAMEWORK_1_0
        ObjectDisposedException.ThrowIf(_closed, this);
#endif
        return _context;
    }

    private static void CheckLength(int length, int count)
    {
        if (count < 0 || count > length)
        {
            throw new ArgumentOutOfRangeException(nameof(count));
        }
    }

    private int[] Words(int isOutput, int index)
    {
        int[] words = new int[TensorWords];
        NativeException.Check(Subject, NativeMethods.Tensor(Live(), _handle, isOutput, index, words));
        return words;
    }

    private TensorInfo Info(int isOutput, int index)
    {
        int[] words = Words(isOutput, index);
        int[] shape = new int[words[1]];
        for (int i = 0; i < shape.Length; i++)
        {
            shape[i] = words[2 + i];
        }

        return new TensorInfo(words[0], shape, words[9], Words32.ToSingle(words[11]), words[12]);
    }
}
