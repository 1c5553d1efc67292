using System;
using System.Collections.Generic;
using NfRuntime.Model.Tests.Import.Building;
using Xunit;
using static NfRuntime.Model.Tests.Import.Building.ModelBuilder;

namespace NfRuntime.Model.Tests.Import.Operators;

/// <summary>What RESHAPE, PAD, TRANSPOSE and MEAN refuse.</summary>
public class MoveRefusalTests
{
    private static readonly Dictionary<string, (Func<ModelBuilder> Model, Action<ModelBuilder> Change)> Cases = new()
    {
        ["the output has shape [3,5], the input [2,6]"] = (SampleModels.Reshape, m => m.Shape(2, 3, 5)),
        ["asks for shape [4,-1], but the output has [3,4]"] = (SampleModels.Reshape, m => m.Data(1, Bytes([4, -1]))),
        ["asks for shape [-1,-1]"] = (SampleModels.Reshape, m => m.Data(1, Bytes([-1, -1]))),
        ["asks for shape [3]"] = (SampleModels.Reshape, m => m.Shape(1, 1).Data(1, Bytes([3]))),
        ["asks for shape [2,2,3]"] = (SampleModels.Reshape, m => m.Operands(0).Operators[0]
            .Set(OperatorField.OptionsType, (byte)17).Set(OperatorField.Options, new FbTable().Set(0, new[] { 2, 2, 3 }))),
        ["the shape has 7 values; at most 6"] = (SampleModels.Reshape, m => m.Shape(1, 7).Data(1, new byte[28])),
        ["the shape is int8; RESHAPE takes int32 or int64 there"] = (SampleModels.Reshape, m => m.Type(1, I8).Data(1, new byte[2])),
        ["the output has scale 0.5 and zero point 4, the input 0.5 and 3; RESHAPE does not rescale"] =
            (SampleModels.Reshape, m => m.Quantization(2, Affine(0.5f, 4))),

        ["pads dimension 0 of 2 by -1 and 0"] = (SampleModels.Pad, m => m.Data(1, Bytes([-1, 0, 1, 2]))),
        ["pads dimension 1 of 3 by 2147483647 and 2147483647"] = (SampleModels.Pad, m => m.Data(1, Bytes([1, 0, int.MaxValue, int.MaxValue]))),
        ["the output has shape [3,6], but [3,5] follows"] = (SampleModels.Pad, m => m.Data(1, Bytes([1, 0, 1, 1]))),
        ["the paddings have shape [4], but [2,2]"] = (SampleModels.Pad, m => m.Shape(1, 4)),
        ["PAD does not rescale"] = (SampleModels.Pad, m => m.Quantization(2, Affine(0.25f, 3))),
        ["has shape [1,1,1,1,2,3]; 1 to 5 dimensions"] = (SampleModels.Pad, m => m.Shape(0, 1, 1, 1, 1, 2, 3)),
        ["has options of another operator"] = (SampleModels.Mean, m => m.Operators[0].Set(OperatorField.OptionsType, (byte)22)),

        ["[2,0,2] is no permutation of 3 dimensions"] = (SampleModels.Transpose, m => m.Data(1, Bytes([2, 0, 2]))),
        ["[-1,0,1] is no permutation"] = (SampleModels.Transpose, m => m.Data(1, Bytes([-1, 0, 1]))),
        ["[2,0,3] is no permutation"] = (SampleModels.Transpose, m => m.Data(1, Bytes([2, 0, 3]))),
        ["the permutation has shape [2], but [3]"] = (SampleModels.Transpose, m => m.Shape(1, 2).Data(1, Bytes([1, 0]))),
        ["the output has shape [4,2,3], but [4,3,2] follows"] = (SampleModels.Transpose, m => m.Data(1, Bytes([2, 1, 0]))),
        ["the permutation holds 4294967296, beyond 32 bits"] = (SampleModels.Transpose, m => m.Type(1, I64).Data(1, Bytes([1L << 32, 0L, 1L]))),

        ["reduces over axes [-4,0] of 3 dimensions"] = (SampleModels.Mean, m => m.Data(1, Bytes([-4, 0]))),
        ["reduces over axes [3,0]"] = (SampleModels.Mean, m => m.Data(1, Bytes([3, 0]))),
        ["reduces over axes [-1,2]"] = (SampleModels.Mean, m => m.Data(1, Bytes([-1, 2]))),
        ["the output has shape [3], but [1,3,1] follows"] = (SampleModels.Mean, m => m.Option(0, true)),
        ["the axes have shape [1,2]; 0 to 1 dimensions"] = (SampleModels.Mean, m => m.Shape(1, 1, 2)),
        ["sums 8388609 values"] = (SampleModels.Mean, m => m.Shape(0, 8388609, 3, 1)),
        ["rescales by 2E+11"] = (SampleModels.Mean, m => m.Quantization(0, Affine(5e10f, 0))),
    };

    public static TheoryData<string> Sentences => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Sentences))]
    public void Refuses(string sentence) => Refusal.Expect(Cases[sentence].Model(), Cases[sentence].Change, sentence);

    [Fact]
    public void A_shape_that_is_computed_is_refused()
    {
        ModelBuilder m = SampleModels.Reshape();
        m.Data(1, null);
        Assert.Contains(Refusal.Problems(m.Build()), problem => problem.Sentence == "the shape is not constant");
    }
}
