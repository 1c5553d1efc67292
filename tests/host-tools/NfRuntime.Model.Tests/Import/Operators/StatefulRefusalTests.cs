using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Tests.Import.Building;
using Xunit;
using static NfRuntime.Model.Tests.Import.Building.ModelBuilder;

namespace NfRuntime.Model.Tests.Import.Operators;

/// <summary>What SVDF and UNIDIRECTIONAL_SEQUENCE_LSTM refuse.</summary>
public class StatefulRefusalTests
{
    private static readonly Dictionary<string, (Func<ModelBuilder> Model, Action<ModelBuilder> Change)> Cases = new()
    {
        ["has rank 3 and 4 filters"] = (SampleModels.Svdf, m => m.Option(0, 3)),
        ["has rank 0 and 4 filters"] = (SampleModels.Svdf, m => m.Option(0, 0)),
        ["has no bias (input 3)"] = (SampleModels.Svdf, m => m.Operands(0, 1, 2, -1, 4)),
        ["has 4 inputs; SVDF has 5"] = (SampleModels.Svdf, m => m.Operands(0, 1, 2, 3).Operators[0].Set(OperatorField.Inputs, new[] { 0, 1, 2, 3 })),
        ["the state is int8 and the time weights int16"] = (SampleModels.Svdf, m => m.Type(4, I8)),
        ["the state has zero point 1"] = (SampleModels.Svdf, m => m.Quantization(4, Affine(0.1f, 1))),
        ["the state has shape [1,19], but [1,20]"] = (SampleModels.Svdf, m => m.Shape(4, 1, 19)),
        ["the bias is not in units of state × time weights"] = (SampleModels.Svdf, m => m.Quantization(3, Affine(0.002f, 0))),
        ["the input is int16; SVDF takes int8 there"] = (SampleModels.Svdf, m => m.Type(0, I16)),
        ["the feature weights have shape [3,4], but [3,3] follows"] = (SampleModels.Svdf, m => m.Shape(1, 3, 4).Shape(2, 3, 5).Data(2, new byte[30])
            .Shape(4, 1, 15).Option(0, 1).Shape(3, 3).Data(3, new byte[12]).Shape(5, 1, 3)),
        ["the output has shape [1,4], but [1,2]"] = (SampleModels.Svdf, m => m.Shape(5, 1, 4)),
        ["is variable and has initial values"] = (SampleModels.Svdf, m =>
        {
            m.Buffers.Add(new FbTable().Set(0, new byte[40]));
            m.Tensors[4].Set(TensorField.Buffer, 4u);
        }
        ),

        ["has peephole weights"] = (SampleModels.Lstm, m => Optional(m, 9)),
        ["has a projection"] = (SampleModels.Lstm, m => Optional(m, 16)),
        ["has layer normalization"] = (SampleModels.Lstm, m => Optional(m, 23)),
        ["has no input gate's weights (input 1)"] = (SampleModels.Lstm, m => Drop(m, 1)),
        ["has no input gate's bias (input 12)"] = (SampleModels.Lstm, m => Drop(m, 12)),
        ["has 20 inputs; UNIDIRECTIONAL_SEQUENCE_LSTM has 24"] = (SampleModels.Lstm, m => m.Operands(Inputs(m)[..20])),
        ["has activation 1; TANH is supported"] = (SampleModels.Lstm, m => m.Option(0, (sbyte)1)),
        ["has diagonal recurrent weights"] = (SampleModels.Lstm, m => m.Option(5, true)),
        ["clips at -1"] = (SampleModels.Lstm, m => m.Option(1, -1f)),
        ["clips at NaN"] = (SampleModels.Lstm, m => m.Option(2, float.NaN)),
        ["the cell state has scale 0.0003; a power of two"] = (SampleModels.Lstm, m => m.Quantization(14, Affine(0.0003f, 0))),
        ["the cell state is int8"] = (SampleModels.Lstm, m => m.Type(14, I8)),
        ["the hidden state is int16 and the input int8"] = (SampleModels.Lstm, m => m.Type(13, I16)),
        ["the output has scale 0.5 and zero point -5, the hidden state 0.0078125 and -5"] = (SampleModels.Lstm, m => m.Quantization(15, Affine(0.5f, -5))),
        ["the hidden state has shape [2,2], but [1,2]"] = (SampleModels.Lstm, m => m.Shape(13, 2, 2)),
        ["the output gate's recurrent weights have shape [4,1], but [2,2]"] = (SampleModels.Lstm, m => m.Shape(8, 4, 1)),
        ["the forget gate's weights are quantized per channel"] = (SampleModels.Lstm, m => m.Quantization(2, Affine([1f, 1f], [0, 0], 0))),
        ["the cell gate's bias is int64; UNIDIRECTIONAL_SEQUENCE_LSTM takes int32 there"] = (SampleModels.Lstm, m => m.Type(11, I64).Data(11, new byte[16])),
        ["rescales by 2.048E+09"] = (SampleModels.Lstm, m => m.Quantization(1, Affine(1e6f, 0))),
    };

    public static TheoryData<string> Sentences => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Sentences))]
    public void Refuses(string sentence) => Refusal.Expect(Cases[sentence].Model(), Cases[sentence].Change, sentence);

    [Fact]
    public void A_state_must_be_a_variable_tensor()
    {
        ModelBuilder m = SampleModels.Svdf();
        m.Tensors[4].Set(TensorField.IsVariable, null);
        Assert.Contains(Refusal.Problems(m.Build()), problem => problem.Sentence == "the state is no variable tensor");
    }

    [Fact]
    public void Two_operators_cannot_share_a_state()
    {
        ModelBuilder m = SampleModels.Svdf();
        int second = m.Activation("second", I8, 0.25f, -5, 1, 2);
        m.Operators.Add(new FbTable().Set(OperatorField.Code, 0u).Set(OperatorField.Inputs, new[] { 0, 1, 2, 3, 4 })
            .Set(OperatorField.Outputs, new[] { second }).Set(OperatorField.OptionsType, (byte)6)
            .Set(OperatorField.Options, new FbTable().Set(0, 2)));
        string problem = Assert.Single(Refusal.Problems(m.Build())).ToString();
        Assert.Equal("operator 1 (SVDF), tensor 4 \"state\": is the state of this operator and has another use", problem);
    }

    [Fact]
    public void A_variable_tensor_is_nothing_but_state()
    {
        ModelBuilder m = SampleModels.Add();
        m.Tensors[1].Set(TensorField.IsVariable, true);
        m.Inputs = [0];
        Assert.Contains("is a variable tensor, but not the state", Assert.Single(Refusal.Problems(m.Build())).ToString(), StringComparison.Ordinal);
    }

    private static int[] Inputs(ModelBuilder m) => (int[])m.Operators[0].Fields[OperatorField.Inputs];

    private static void Optional(ModelBuilder m, int position) =>
        m.Operands([.. Inputs(m).Select((tensor, index) => index == position ? 9 : tensor)]);

    private static void Drop(ModelBuilder m, int position) =>
        m.Operands([.. Inputs(m).Select((tensor, index) => index == position ? -1 : tensor)]);
}
