namespace NfRuntime.Native;

/// <summary>Shape and quantization of a model's input or output. real = <see cref="Scale"/> × (q − <see cref="ZeroPoint"/>).</summary>
public sealed class TensorInfo
{
    /// <summary>Element type int8 (firmware/engine/nfr_plan.h, enum nfr_type).</summary>
    public const int Int8 = 0;

    /// <summary>Element type int16.</summary>
    public const int Int16 = 1;

    /// <summary>Element type int32.</summary>
    public const int Int32 = 2;

    /// <summary>Element type float32.</summary>
    public const int Float32 = 4;

    /// <summary>Describes a tensor.</summary>
    /// <param name="type">One of the constants of this class.</param>
    /// <param name="shape">Dimensions, outermost first; owned by the new object.</param>
    /// <param name="byteCount">Bytes of the tensor, little-endian elements.</param>
    /// <param name="scale">Greater than 0; 0 for float32.</param>
    /// <param name="zeroPoint">In the range of the type.</param>
    public TensorInfo(int type, int[] shape, int byteCount, float scale, int zeroPoint)
    {
        Type = type;
        Shape = shape;
        ByteCount = byteCount;
        Scale = scale;
        ZeroPoint = zeroPoint;
    }

    /// <summary>Element type: one of the constants of this class.</summary>
    public int Type { get; }

    /// <summary>Dimensions, outermost first (images NHWC).</summary>
    public int[] Shape { get; }

    /// <summary>Bytes of the whole tensor.</summary>
    public int ByteCount { get; }

    /// <summary>Quantization scale; 0 for float32.</summary>
    public float Scale { get; }

    /// <summary>Quantization zero point; 0 for float32.</summary>
    public int ZeroPoint { get; }

    /// <summary>Elements of the whole tensor.</summary>
    public int ElementCount
    {
        get
        {
            int count = 1;
            for (int i = 0; i < Shape.Length; i++)
            {
                count *= Shape[i];
            }

            return count;
        }
    }
}
