using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Import;
using NfRuntime.Model.Tests.Import.Building;
using Xunit;
using static NfRuntime.Model.Tests.Import.Building.ModelBuilder;

namespace NfRuntime.Model.Tests.Import;

/// <summary>What is refused whatever the operator: tensors, the flow of data, unknown operators; and all of it at once.</summary>
public class GraphRefusalTests
{
    private static readonly Dictionary<string, Action<ModelBuilder>> Tensors = new()
    {
        ["tensor 1 \"weights\": has type int4; int8,"] = m => m.Type(1, 17),
        ["has type uint8"] = m => m.Type(1, 3),
        ["has type tensor type 99"] = m => m.Type(1, 99),
        ["is sparse"] = m => m.Tensors[1].Set(TensorField.Sparsity, new FbTable()),
        ["keeps its bytes in another file"] = m => m.Tensors[1].Set(TensorField.ExternalBuffer, 1u),
        ["refers to buffer 7, which is not in the FlatBuffer"] = m => m.Tensors[1].Set(TensorField.Buffer, 7u),
        ["refers to buffer 1, which is not in the FlatBuffer"] = m => m.Buffers[1].Set(1, 4096UL).Set(2, 36UL),
        ["has 7 dimensions; 6 are supported"] = m => m.Shape(1, 1, 1, 1, 1, 1, 1, 36),
        ["has shape [3,3,-1,2]: every dimension must be known"] = m => m.Shape(1, 3, 3, -1, 2),
        ["has shape [3,0,2,2]: every dimension"] = m => m.Shape(1, 3, 0, 2, 2),
        ["has shape [65536,65536,65536,65536], more than 67108864 elements"] = m => m.Shape(1, 65536, 65536, 65536, 65536),
        ["has 35 bytes, but 36 follow from int8 [3,3,2,2]"] = m => m.Data(1, new byte[35]),
        ["is quantized in a way other than affine"] = m =>
            m.Quantization(1, Affine(1, 0).Set(4, (byte)1).Set(5, new FbTable())),
        ["has 3 scales and 2 zero points"] = m => m.Quantization(1, Affine([1f, 1f, 1f], [0, 0], 0)),
        ["has 2 scales along dimension 9"] = m => m.Quantization(1, Affine([1f, 1f], [0, 0], 9)),
        ["has 2 scales along dimension -1"] = m => m.Quantization(1, Affine([1f, 1f], [0, 0], -1)),
        ["has scale 0 (number 1)"] = m => m.Quantization(1, Affine([1f, 0f, 1f], [0, 0, 0], 0)),
        ["has scale NaN (number 0)"] = m => m.Quantization(1, Affine(float.NaN, 0)),
        ["has scale Infinity"] = m => m.Quantization(1, Affine(float.PositiveInfinity, 0)),
        ["has scale -1"] = m => m.Quantization(1, Affine(-1, 0)),
        ["tensor 0 \"input\": has zero point 128, outside the range of int8"] = m => m.Quantization(0, Affine(1, 128)),
        ["tensor 2 \"bias\": has zero point 4294967296, outside the range of int32"] = m => m.Quantization(2, Affine(1, 1L << 32)),
    };

    private static readonly Dictionary<string, Action<ModelBuilder>> Flow = new()
    {
        ["the model has no input"] = m => (m.Tensors[0], m.Inputs) = (m.Tensors[0], []),
        ["the model has no output"] = m => m.Outputs = [],
        ["the model names tensor 9 of 4 as model input"] = m => m.Inputs = [0, 9],
        ["the model names tensor -1 of 4 as model output"] = m => m.Outputs = [3, -1],
        ["tensor 0 \"input\": is a model input twice"] = m => m.Inputs = [0, 0],
        ["tensor 3 \"output\": is a model output twice"] = m => m.Outputs = [3, 3],
        ["tensor 1 \"weights\": is a model input, but constant"] = m => m.Inputs = [0, 1],
        ["tensor 0 \"input\": is a model output, but no operator produces it"] = m => m.Outputs = [3, 0],
        ["operator 0 (CONV_2D) names tensor 4 of 4 as its weights"] = m => m.Operands(0, 4, 2),
        ["operator 0 (CONV_2D) names tensor -2 of 4 as its bias"] = m => m.Operands(0, 1, -2),
        ["operator 0 (CONV_2D) has no input (input 0)"] = m => m.Operands(-1, 1, 2),
        ["tensor 3 \"output\": is the output, but was there before"] = m => m.Inputs = [0, 3],
    };

    public static TheoryData<string> TensorSentences => Refusal.Sentences(Tensors);

    public static TheoryData<string> FlowSentences => Refusal.Sentences(Flow);

    [Theory]
    [MemberData(nameof(TensorSentences))]
    public void Tensors_are_refused(string sentence) => Refusal.Expect(SampleModels.Conv2D(), Tensors[sentence], sentence);

    [Theory]
    [MemberData(nameof(FlowSentences))]
    public void Flow_is_refused(string sentence)
    {
        ModelBuilder m = SampleModels.Conv2D();
        Refusal.Import(m);
        Flow[sentence](m);
        Assert.Contains(Refusal.Problems(m.Build()), problem => problem.ToString().Contains(sentence, StringComparison.Ordinal));
    }

    [Fact]
    public void Reading_before_writing_is_refused()
    {
        ModelBuilder m = SampleModels.Logistic().Quantization(0, Affine(1f / 256, -128));
        int next = m.Activation("next", I8, 1f / 256, -128, 7);
        m.Operator(14, [next], [0]);
        m.Inputs = [m.Activation("other", I8, 1, 0, 1)];
        m.Operators.Reverse();
        Assert.Contains(Refusal.Problems(m.Build()), problem => problem.ToString() == "operator 0 (LOGISTIC), tensor 2 \"next\": is read before anything produces it");
    }

    [Fact]
    public void Unknown_operators_are_named_and_cause_no_other_problem()
    {
        ModelBuilder m = SampleModels.Logistic();
        m.Operator(36, [1], [m.Activation("gathered", I8, 1, 0, 2)]);
        m.Operator(32, [2], [m.Tensor("custom", 5, [2])]);
        m.Codes[2].Set(1, "MY_OP");
        m.Operator(250, [3], [m.Activation("strange", I8, 0.25f, 7, 7)]);
        m.Operator(6, [4], [m.Tensor("end", F32, [7])]);
        m.Outputs = [5];
        Assert.Equal(
            ["operator 1 (GATHER) is not supported", "operator 2 (custom MY_OP) is not supported", "operator 3 (builtin operator 250) is not supported"],
            Refusal.Problems(m.Build()).Select(problem => problem.ToString()));
    }

    [Fact]
    public void Every_problem_is_reported_at_once_with_its_place()
    {
        ModelBuilder m = SampleModels.Conv2D();
        m.Quantization(1, Affine([0.1f, 0.2f, 0.3f], [0, 1, 0], 0)).Shape(2, 2).Quantization(2, null).Data(2, new byte[8]).Shape(3, 1, 3, 4, 2).Option(3, (sbyte)4);
        m.Operator(14, [3], [m.Activation("second", I8, 1f / 256, -128, 9)]);
        m.Outputs = [4];
        IReadOnlyList<ModelProblem> problems = Refusal.Problems(m.Build());
        Assert.Equal([(0, 1), (0, 2), (0, null), (0, 3), (1, 4)], problems.Select(problem => (problem.OperatorIndex, problem.TensorIndex)));
        Assert.Equal("CONV_2D", problems[0].OperatorName);
        Assert.Equal("weights", problems[0].TensorName);
        Assert.Equal(ModelProblemKind.Unsupported, problems[0].Kind);
        Assert.Equal(ModelProblemKind.Invalid, problems[4].Kind);
    }

    [Fact]
    public void The_list_of_problems_is_capped()
    {
        ModelBuilder m = SampleModels.Logistic();
        for (int index = 0; index < 300; index++)
        {
            m.Operator(36, [0], [1]);
        }

        IReadOnlyList<ModelProblem> problems = Refusal.Problems(m.Build());
        Assert.Equal(ImportLimits.MaxProblems, problems.Count);
        Assert.Equal("there are more problems: the search stopped here", problems[^1].Sentence);
    }

    [Fact]
    public void A_bad_tensor_is_reported_once()
    {
        ModelBuilder m = SampleModels.Add();
        m.Type(1, 17).Operator(0, [0, 1], [m.Activation("second", I8, 1, 0, 2, 3, 4)]);
        Assert.Single(Refusal.Problems(m.Build()), problem => problem.TensorIndex == 1);
    }

    [Fact]
    public void Other_subgraphs_are_not_looked_at()
    {
        ModelBuilder m = SampleModels.Mul();
        m.Build();
        m.Model.Set(2, new[] { m.Subgraph, new FbTable() });
        TfliteImporter.Import(FbWriter.Write(m.Model, "TFL3"), "two");
    }
}
