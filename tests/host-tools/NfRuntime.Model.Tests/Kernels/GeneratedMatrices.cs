using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Tests.EndToEnd;

namespace NfRuntime.Model.Tests.Kernels;

/// <summary>FULLY_CONNECTED, SVDF and UNIDIRECTIONAL_SEQUENCE_LSTM.</summary>
internal sealed class GeneratedMatrices(GeneratedParts parts)
{
    public int? FullyConnected() => Layer(parts.Chance(3) ? parts.From(1, 300) : parts.From(1, 40), parts.Channels(70));

    /// <summary>Sums of so many large weights that they come near what a packed layout can hold, and beyond.</summary>
    public int? DeepFullyConnected() => Layer(parts.From(500, 620), parts.From(1, 9));

    public int? Svdf()
    {
        int rank = parts.From(1, 3), units = parts.From(1, 12), memory = parts.From(1, 9), depth = parts.From(1, 40), batches = parts.From(1, 2);
        int filters = rank * units;
        ElementType type = parts.Chance(2) ? ElementType.Int8 : ElementType.Int16;
        Quantization state = RandomOperators.Quantization(parts.Random, type);
        int input = parts.Input(ElementType.Int8, batches, depth);
        int features = parts.Builder.Constant(ElementType.Int8, [filters, depth], Quantization.PerTensor(parts.PowerOfTwo(-8, -4), 0), parts.WeightValues(filters * depth));
        Quantization scale = Quantization.PerTensor(parts.PowerOfTwo(-12, -5), 0);
        int time = type == ElementType.Int8
            ? parts.Builder.Constant(type, [filters, memory], scale, parts.WeightValues(filters * memory))
            : parts.Builder.Constant(type, [filters, memory], scale, [.. Enumerable.Range(0, filters * memory).Select(_ => (short)parts.From(-2000, 2000))]);
        int bias = parts.Builder.Bias([.. Enumerable.Range(0, units).Select(_ => parts.From(-3000, 3000))]);
        int variable = parts.Builder.State([batches, filters * memory], state.Scale, state.ZeroPoint, type);
        Quantization output = RandomOperators.Quantization(parts.Random, ElementType.Int8);
        return parts.Builder.Op(new SvdfAttributes(rank, Activation.Relu), [batches, units], [input, features, time, bias, variable], output.Scale, output.ZeroPoint);
    }

    public int? Lstm()
    {
        ElementType type = parts.Chance(3) ? ElementType.Int16 : ElementType.Int8;
        bool timeMajor = parts.Chance(2);
        int batches = parts.From(1, 2), steps = parts.From(1, 5), depth = parts.From(1, 24), units = parts.From(1, 20);
        int first = timeMajor ? steps : batches, second = timeMajor ? batches : steps;
        Quantization hidden = type == ElementType.Int16 ? Quantization.PerTensor(1f / 32768, 0) : Quantization.PerTensor(1f / 128, parts.From(-20, 20));
        int[] inputs = [.. Enumerable.Repeat(-1, 24)];
        inputs[0] = parts.Builder.Input([first, second, depth], type == ElementType.Int16 ? 1f / 4096 : 1f / 32, parts.ZeroPoint(type), type);
        for (int gate = 0; gate < 4; gate++)
        {
            inputs[1 + gate] = Gate(units, depth);
            inputs[5 + gate] = Gate(units, units);
            inputs[12 + gate] = parts.Bias(type, units, narrow: false).FirstOrDefault(-1);
        }

        inputs[18] = parts.Builder.State([batches, units], hidden.Scale, hidden.ZeroPoint, type);
        inputs[19] = parts.Builder.State([batches, units], 1f / (1 << parts.From(9, 14)), 0, ElementType.Int16);
        var attributes = new LstmAttributes(timeMajor, parts.Chance(2) ? 0f : 2f, 0f, Activation.Tanh);
        return parts.Builder.Op(attributes, [first, second, units], inputs, hidden.Scale, hidden.ZeroPoint, type);
    }

    private int Gate(int units, int depth) =>
        parts.Builder.Constant(ElementType.Int8, [units, depth], Quantization.PerTensor(parts.PowerOfTwo(-10, -6), 0), parts.WeightValues(units * depth));

    private int Layer(int depth, int units)
    {
        ElementType type = parts.ActivationType();
        int batches = parts.Chance(3) ? parts.From(2, 5) : 1;
        int input = parts.Input(type, batches, depth);
        int weights = parts.Weights([units, depth], 0, parts.WeightValues(units * depth));
        return parts.Sum(new FullyConnectedAttributes(parts.Clamp(), KeepNumDims: false), [batches, units], [input, weights, .. parts.Bias(type, units)], depth);
    }
}
