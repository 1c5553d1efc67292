using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace NfRuntime.Model.Plan;

/// <summary>Writes a plan blob: header, tensor table, I/O table, operator records, constants (firmware/engine/SPEC.md §1).</summary>
public static class PlanWriter
{
    /// <summary>The blob's bytes; the same for the same image.</summary>
    /// <exception cref="CompileException">The plan exceeds a cap of the format.</exception>
    public static byte[] Write(PlanImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        CheckCaps(image);
        byte[] tensors = Tensors(image.Tensors);
        byte[] io = Io(image);
        byte[] operators = Operators(image.Operators);
        long tensorsOffset = PlanFormat.HeaderBytes;
        long ioOffset = tensorsOffset + tensors.Length;
        long operatorsOffset = ioOffset + io.Length;
        long constantsOffset = PlanFormat.AlignUp(operatorsOffset + operators.Length);
        long total = PlanFormat.AlignUp(constantsOffset + image.Constants.Length);
        if (total > int.MaxValue)
        {
            throw new CompileException($"the plan has {total} bytes; at most {int.MaxValue} are possible");
        }

        byte[] header = new ParameterBlock()
            .U32(PlanFormat.Magic).U8(PlanFormat.Major).U8(PlanFormat.Minor).U16(PlanFormat.HeaderBytes)
            .U32(total).U32(image.Features).U32(image.StateBytes).U32(image.ArenaBytes)
            .U16(image.Tensors.Count).U16(image.Operators.Count).U8(image.Inputs.Count).U8(image.Outputs.Count).U16(0)
            .U32(tensorsOffset).U32(ioOffset).U32(operatorsOffset).U32(operators.Length)
            .U32(constantsOffset).U32(image.Constants.Length).U32(image.Layouts).U32(0)
            .ToArray();

        var blob = new byte[total];
        header.CopyTo(blob, 0);
        tensors.CopyTo(blob, (int)tensorsOffset);
        io.CopyTo(blob, (int)ioOffset);
        operators.CopyTo(blob, (int)operatorsOffset);
        image.Constants.Span.CopyTo(blob.AsSpan((int)constantsOffset));
        return blob;
    }

    private static void CheckCaps(PlanImage image)
    {
        Check(image.Tensors.Count, 1, PlanFormat.MaxTensors, "tensors");
        Check(image.Operators.Count, 1, PlanFormat.MaxOperators, "operators");
        Check(image.Inputs.Count, 1, PlanFormat.MaxIo, "inputs");
        Check(image.Outputs.Count, 1, PlanFormat.MaxIo, "outputs");
    }

    private static void Check(int count, int min, int max, string what)
    {
        if (count < min || count > max)
        {
            throw new CompileException($"the plan has {count} {what}; {min} to {max} are possible");
        }
    }

    private static byte[] Tensors(IReadOnlyList<PlanTensor> tensors)
    {
        var block = new ParameterBlock();
        foreach (PlanTensor tensor in tensors)
        {
            block.U32(tensor.Offset).U32(tensor.Bytes).U8((int)tensor.Type).U8((int)tensor.Region).I16(tensor.Fill).U16(tensor.Rows).U16(tensor.HeldRows);
        }

        return block.ToArray();
    }

    private static byte[] Io(PlanImage image)
    {
        var block = new ParameterBlock();
        foreach (IReadOnlyList<PlanIo> list in new[] { image.Inputs, image.Outputs })
        {
            foreach (PlanIo io in list)
            {
                block.U16(io.Tensor).U8(io.Shape.Count).U8(0);
                for (int d = 0; d < PlanFormat.MaxRank; d++)
                {
                    block.U32(d < io.Shape.Count ? io.Shape[d] : 1);
                }

                block.F32(io.Scale).I32(io.ZeroPoint);
            }
        }

        return block.ToArray();
    }

    private static byte[] Operators(IReadOnlyList<PlanOperator> operators)
    {
        var block = new ParameterBlock();
        foreach (PlanOperator op in operators)
        {
            int expected = PlanFormat.ParameterBytes(op.Kind) + MemberBytes(op);
            if (op.Parameters.Length != expected)
            {
                throw new ArgumentException($"{op.Kind} has {op.Parameters.Length} bytes of parameters, not {expected}", nameof(operators));
            }

            block.U8((int)op.Kind).U8((int)op.Layout).U16(PlanFormat.RecordBytes + op.Parameters.Length).U16(op.SourceOperator);
            for (int i = 0; i < 3; i++)
            {
                block.U16(Index(op.Inputs[i]));
            }

            block.U16(Index(op.Output)).U16(Index(op.Scratch)).Bytes(op.Parameters.Span);
        }

        return block.ToArray();
    }

    private static int MemberBytes(PlanOperator op) =>
        op.Kind == PlanKind.Chain ? BinaryPrimitives.ReadUInt16LittleEndian(op.Parameters.Span) * PlanFormat.ChainMemberBytes : 0;

    private static int Index(int tensor) => tensor < 0 ? PlanFormat.None16 : tensor;
}
