using NfRuntime.Native;

namespace NfRuntime.Capsules;

/// <summary>
/// Base class of a capsule's managed code: raw sample bytes become the int8 input tensor, the int8 output tensor becomes a result.
/// For scale, normalize, window, arg-max, top-k, threshold and debounce no code is needed: the manifest declares them.
/// </summary>
/// <remarks>
/// A processor has a public parameterless constructor, keeps to the device's C# subset (docs: no generics, no static constructor,
/// no InternalCall) and references only what the manifest's capabilities allow. Arrays are owned by the caller and valid during the call only.
/// </remarks>
public abstract class CapsuleProcessor
{
    /// <summary>Fills the model's input from one raw sample.</summary>
    /// <param name="raw">The sample's bytes as the sensor gave them.</param>
    /// <param name="length">How many bytes of <paramref name="raw"/> count.</param>
    /// <param name="tensor">To fill: <c>input.ElementCount</c> int8 values.</param>
    /// <param name="input">Shape and quantization of the model's first input.</param>
    /// <returns>True when an inference is due, false when more samples are needed.</returns>
    public abstract bool Prepare(byte[] raw, int length, sbyte[] tensor, TensorInfo input);

    /// <summary>Reads the model's output.</summary>
    /// <param name="tensor"><c>output.ElementCount</c> int8 values.</param>
    /// <param name="output">Shape and quantization of the model's first output.</param>
    /// <param name="result">Cleared by the caller, filled here.</param>
    public abstract void Interpret(sbyte[] tensor, TensorInfo output, CapsuleResult result);
}
