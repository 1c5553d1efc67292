using System;
using System.Buffers.Binary;
using NfRuntime.Model.Ir;

namespace NfRuntime.Cli.Evaluation;

/// <summary>Reads a classifier's output tensor.</summary>
internal static class Classes
{
    /// <summary>Index of the largest element; the lowest of several.</summary>
    public static int ArgMax(ReadOnlySpan<byte> tensor, ElementType type)
    {
        int best = 0;
        for (int i = 1; i < tensor.Length / type.Size(); i++)
        {
            if (Element(tensor, type, i) > Element(tensor, type, best))
            {
                best = i;
            }
        }

        return best;
    }

    /// <summary>Element <paramref name="index"/> as it is stored, before scale and zero point.</summary>
    public static double Element(ReadOnlySpan<byte> tensor, ElementType type, int index)
    {
        ReadOnlySpan<byte> element = tensor.Slice(index * type.Size(), type.Size());
        return type switch
        {
            ElementType.Int8 => unchecked((sbyte)element[0]),
            ElementType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(element),
            ElementType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(element),
            ElementType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(element),
            _ => BinaryPrimitives.ReadSingleLittleEndian(element),
        };
    }
}
