using System;
using System.Collections.Generic;
using NfRuntime.Model.Tests.Import.Building;
using Xunit;
using static NfRuntime.Model.Tests.Import.Building.ModelBuilder;

namespace NfRuntime.Model.Tests.Import.Operators;

/// <summary>What CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED refuse.</summary>
public class WeightedRefusalTests
{
    private static readonly Dictionary<string, Action<ModelBuilder>> Conv = new()
    {
        ["operator 0 (CONV_2D) has 1 inputs; CONV_2D has 2 to 3"] = m => m.Operands(0),
        ["CONV_2D) has 2 outputs; CONV_2D has one"] = m => m.Operators[0].Set(OperatorField.Outputs, new[] { 3, 3 }),
        ["has no options"] = m => m.Operators[0].Set(OperatorField.Options, null).Set(OperatorField.OptionsType, null),
        ["has options of another operator (union member 5, not 1)"] = m => m.Operators[0].Set(OperatorField.OptionsType, (byte)5),
        ["tensor 1 \"weights\": the weights are int16; CONV_2D takes int8 there"] = m => m.Type(1, I16).Data(1, new byte[72]),
        ["the weights are not constant"] = m => m.MakeInput(1),
        ["the weights have zero point 1; 0 is supported there"] = m => m.Quantization(1, Affine([0.1f, 0.2f, 0.3f], [0, 1, 0], 0)),
        ["the weights have no scale"] = m => m.Quantization(1, null),
        ["the weights are quantized along dimension 1, not 0"] = m => m.Quantization(1, Affine([0.1f, 0.2f, 0.3f], [0, 0, 0], 1)),
        ["has 3 scales along dimension 2 of shape [3,3,2,2]"] = m => m.Quantization(1, Affine([0.1f, 0.2f, 0.3f], [0, 0, 0], 2)),
        ["the weights have shape [3,12]; 4 dimensions are supported"] = m => m.Shape(1, 3, 12),
        ["does not divide 2 input channels into groups"] = m => m.Shape(1, 3, 2, 2, 3),
        ["the bias is int64; CONV_2D takes int32 there"] = m => m.Type(2, I64).Data(2, new byte[24]),
        ["the bias is not constant"] = m => m.Data(2, null),
        ["the bias has zero point 9"] = m => m.Quantization(2, Affine(0.1f, 9)),
        ["the bias has shape [2], but [3] follows"] = m => m.Shape(2, 2).Quantization(2, null).Data(2, new byte[8]),
        ["the output is int16 and the input int8"] = m => m.Type(3, I16),
        ["the output has shape [1,3,4,2], but [1,3,4,3] follows"] = m => m.Shape(3, 1, 3, 4, 2),
        ["the output has shape [2,3,4,3]"] = m => m.Shape(3, 2, 3, 4, 3),
        ["the input is float32; CONV_2D takes int8 or int16 there"] = m => m.Type(0, F32),
        ["the input has no scale"] = m => m.Quantization(0, null),
        ["the input is quantized per channel"] = m => m.Quantization(0, Affine([1f, 1f], [0, 0], 3)),
        ["has stride 0; 1 to 32768"] = m => m.Option(1, 0),
        ["has stride -1"] = m => m.Option(2, -1),
        ["has dilation 40000"] = m => m.Option(4, 40000),
        ["has a window of 6 rows over 5 without padding"] = m => m.Option(0, (sbyte)1).Option(5, 5).Shape(1, 3, 2, 3, 2),
        ["has padding scheme 2"] = m => m.Option(0, (sbyte)2),
        ["has fused activation 4"] = m => m.Option(3, (sbyte)4),
        ["has quantized_bias_type int8"] = m => m.Option(6, I8),
        ["rescales by 6E+11"] = m => m.Quantization(3, Affine(2.5e-13f, 0)),
    };

    private static readonly Dictionary<string, Action<ModelBuilder>> Wide = new()
    {
        ["the input has zero point 1; 0 is supported"] = m => m.Quantization(0, Affine(0.5f, 1)),
        ["the output has zero point -1; 0 is supported"] = m => m.Quantization(3, Affine(0.25f, -1)),
        ["rescales by 150; at most 127"] = m => m.Quantization(3, Affine(0.001f, 0)),
    };

    private static readonly Dictionary<string, Action<ModelBuilder>> Depthwise = new()
    {
        ["but 2 input channels with multiplier 3 ask for another"] = m => m.Option(3, 3),
        ["the weights have shape [2,3,1,4]"] = m => m.Shape(1, 2, 3, 1, 4).Shape(3, 1, 2, 3, 4),
        ["the weights are quantized along dimension 1, not 3"] = m => m.Quantization(1, Affine([1f, 1f, 1f], [0, 0, 0], 1)),
        ["has a window of 9 rows over 6 without padding"] = m => m.Option(6, 4),
        ["the output has shape [1,2,3,4]"] = m => m.Shape(3, 1, 2, 3, 4),
    };

    private static readonly Dictionary<string, Action<ModelBuilder>> Full = new()
    {
        ["has shuffled weights"] = m => m.Option(1, (sbyte)1),
        ["the input has shape [2,7], which is no batch of 6 values"] = m => m.Shape(0, 2, 7),
        ["the input has shape [3,4], which is no batch of 6 values"] = m => m.Shape(0, 3, 4).Option(2, true),
        ["the output has shape [2,3], but [2,4] follows"] = m => m.Shape(3, 2, 3),
        ["the output has shape [1,2,4], but [2,4] follows"] = m => m.Shape(3, 1, 2, 4).Option(2, true),
        ["the weights have shape [24]; 2 dimensions are supported"] = m => m.Shape(1, 24),
        ["the bias has scale 0.5, but input × weights is 0.05"] = m => m.Quantization(2, Affine(0.5f, 0)),
        ["the weights are quantized along dimension 1, not 0"] = m => m.Quantization(1, Affine([1f, 1f, 1f, 1f, 1f, 1f], [0, 0, 0, 0, 0, 0], 1)),
        ["the input is constant; fold it"] = m =>
        {
            m.Buffers.Add(new FbTable().Set(0, new byte[12]));
            m.Tensors[0].Set(TensorField.Buffer, 3u);
            m.Tensors.Add(new FbTable().Set(TensorField.Shape, new[] { 1 }).Set(TensorField.Type, I8));
            m.Inputs = [4];
        },
    };

    public static TheoryData<string> ConvSentences => Refusal.Sentences(Conv);

    public static TheoryData<string> WideSentences => Refusal.Sentences(Wide);

    public static TheoryData<string> DepthwiseSentences => Refusal.Sentences(Depthwise);

    public static TheoryData<string> FullSentences => Refusal.Sentences(Full);

    [Theory]
    [MemberData(nameof(ConvSentences))]
    public void Conv_refuses(string sentence) => Refusal.Expect(SampleModels.Conv2D(), Conv[sentence], sentence);

    [Theory]
    [MemberData(nameof(WideSentences))]
    public void Conv_int16_refuses(string sentence) => Refusal.Expect(SampleModels.Conv2DInt16(), Wide[sentence], sentence);

    [Theory]
    [MemberData(nameof(DepthwiseSentences))]
    public void Depthwise_refuses(string sentence) => Refusal.Expect(SampleModels.DepthwiseConv2D(), Depthwise[sentence], sentence);

    [Theory]
    [MemberData(nameof(FullSentences))]
    public void Fully_connected_refuses(string sentence) => Refusal.Expect(SampleModels.FullyConnected(), Full[sentence], sentence);
}
