using System;
using System.Collections.Generic;
using NfRuntime.Model.Tests.Import.Building;
using Xunit;
using static NfRuntime.Model.Tests.Import.Building.ModelBuilder;

namespace NfRuntime.Model.Tests.Import.Operators;

/// <summary>What pools, ADD, MUL, SOFTMAX, LOGISTIC, QUANTIZE and DEQUANTIZE refuse.</summary>
public class MapRefusalTests
{
    private static readonly Dictionary<string, (Func<ModelBuilder> Model, Action<ModelBuilder> Change)> Cases = new()
    {
        ["AVERAGE_POOL_2D) has no options"] =
            (SampleModels.AveragePool, m => m.Operators[0].Set(OperatorField.Options, null).Set(OperatorField.OptionsType, null)),
        ["the output has scale 0.25 and zero point 3, the input 0.5 and 3; AVERAGE_POOL_2D does not rescale"] =
            (SampleModels.AveragePool, m => m.Quantization(1, Affine(0.25f, 3))),
        ["the input has zero point 3; 0"] =
            (SampleModels.AveragePool, m => m.Type(0, I16).Type(1, I16)),
        ["has a window of 0 columns"] = (SampleModels.AveragePool, m => m.Option(3, 0)),
        ["has a window of 100000000 rows"] = (SampleModels.AveragePool, m => m.Option(4, 100_000_000)),
        ["has a window of 300 × 300; 65536 values"] =
            (SampleModels.AveragePool, m => m.Shape(0, 1, 300, 300, 1).Shape(1, 1, 150, 150, 1).Option(3, 300).Option(4, 300)),
        ["the output has shape [1,3,3,1], but [1,3,3,2]"] = (SampleModels.AveragePool, m => m.Shape(1, 1, 3, 3, 1)),
        ["the input has shape [5,6,2]; 4 dimensions"] = (SampleModels.AveragePool, m => m.Shape(0, 5, 6, 2)),
        ["has fused activation 5"] = (SampleModels.AveragePool, m => m.Option(5, (sbyte)5)),

        ["shapes [2,3,4] and [2,1] do not broadcast"] = (SampleModels.Add, m => m.Shape(1, 2, 1)),
        ["the output has shape [3,4], but [2,3,4] follows"] = (SampleModels.Add, m => m.Shape(2, 3, 4)),
        ["the second input is int16 and the first input int8"] = (SampleModels.Add, m => m.Type(1, I16).Quantization(1, Affine(1, 0))),
        ["too small beside an input's 0.5"] = (SampleModels.Add, m => m.Quantization(2, Affine(0.9e-6f, 0)).Option(0, (sbyte)0)),
        ["has only constant inputs"] = (SampleModels.Add, MakeInputsConstant),
        ["rescales by 1.2E+10"] = (SampleModels.Mul, m => m.Quantization(2, Affine(5e-10f, 0)).Quantization(0, Affine(24, 0)).Option(0, (sbyte)0)),
        ["the first input has zero point 3; 0"] =
            (SampleModels.Mul, m => m.Type(0, I16).Type(1, I16).Type(2, I16).Quantization(1, Affine(1, 0)).Quantization(2, Affine(1, 0))),
        ["rescales by 6E+10; at most"] = (SampleModels.Add, m =>
            m.Quantization(0, Affine(1e-10f, 0)).Quantization(1, Affine(1e-10f, 0)).Quantization(2, Affine(1e-10f, 0))),

        ["SOFTMAX yields 0.00390625 and -128"] = (SampleModels.Softmax, m => m.Quantization(1, Affine(1f / 256, 0))),
        ["the output has scale 0.0039062505"] = (SampleModels.Softmax, m => m.Quantization(1, Affine(MathF.BitIncrement(1f / 256), -128))),
        ["SOFTMAX yields 1.52587890625E-05 and -32768"] = (SampleModels.Softmax, m => m.Type(1, I16).Quantization(1, Affine(1f / 65536, 0))),
        ["the output is int8; SOFTMAX takes int16 there"] = (SampleModels.Softmax, m => m.Type(0, I16).Quantization(0, Affine(1, 0))),
        ["has beta 0 with an input scale of 0.5"] = (SampleModels.Softmax, m => m.Option(0, null)),
        ["has beta NaN"] = (SampleModels.Softmax, m => m.Option(0, float.NaN)),
        ["has beta 1 with an input scale of 1E-08"] = (SampleModels.Softmax, m => m.Quantization(0, Affine(1e-8f, 0))),
        ["the input has 4096 values in a row"] = (SampleModels.Softmax, m => m.Shape(0, 4096).Shape(1, 4096)),
        ["the input has shape []; 1 to 6 dimensions"] = (SampleModels.Softmax, m => m.Shape(0).Shape(1)),

        ["LOGISTIC yields 0.00390625 and -128"] = (SampleModels.Logistic, m => m.Quantization(1, Affine(1f / 128, -128))),
        ["the input has scale 1E-09, beyond"] = (SampleModels.Logistic, m => m.Quantization(0, Affine(1e-9f, 0))),
        ["the input has scale 8, beyond"] = (SampleModels.Logistic, m => m.Quantization(0, Affine(8, 0))),
        ["the output has shape [8], but [7]"] = (SampleModels.Logistic, m => m.Shape(1, 8)),
        ["the input has scale 3, beyond"] = (SampleModels.Logistic, m =>
            m.Type(0, I16).Type(1, I16).Quantization(0, Affine(3, 0)).Quantization(1, Affine(1f / 32768, 0))),

        ["the output is int32; QUANTIZE takes int8 or int16 there"] = (SampleModels.Quantize, m => m.Type(1, I32)),
        ["the output has no scale"] = (SampleModels.Quantize, m => m.Quantization(1, null)),
        ["the output has shape [3,2], but [2,3]"] = (SampleModels.Quantize, m => m.Shape(1, 3, 2)),
        ["the input has no scale"] = (SampleModels.Quantize, m => m.Type(0, I8)),
        ["rescales by 4E+11"] = (SampleModels.Quantize, m => m.Type(0, I8).Quantization(0, Affine(1e11f, 0))),
        ["the output is int8; DEQUANTIZE takes float32 there"] = (SampleModels.Dequantize, m => m.Type(1, I8)),
        ["is a model input of type int32"] = (SampleModels.Dequantize, m =>
        {
            m.Tensor("other", I32, [1]);
            m.Inputs = [0, 2];
        }
        ),
    };

    public static TheoryData<string> Sentences => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Sentences))]
    public void Refuses(string sentence) => Refusal.Expect(Cases[sentence].Model(), Cases[sentence].Change, sentence);

    private static void MakeInputsConstant(ModelBuilder m)
    {
        m.Buffers.Add(new FbTable().Set(0, new byte[24]));
        m.Buffers.Add(new FbTable().Set(0, new byte[3]));
        m.Tensors[0].Set(TensorField.Buffer, 1u);
        m.Tensors[1].Set(TensorField.Buffer, 2u);
        m.Inputs = [m.Activation("other", I8, 1, 0, 1)];
    }
}
