using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;
using NfRuntime.Model.Reference;
using NfRuntime.Model.Tests.EndToEnd;

namespace NfRuntime.Model.Tests.Kernels;

/// <summary>A generated operator, what the reference evaluator makes of some inputs, and the job that is to compute the same.</summary>
internal sealed record KernelCase(int Seed, Graph Graph, CompiledPlan Plan, RunJob Job, byte[][] Expected)
{
    private const int Inputs = 4;

    /// <summary>Why the runner gave no result.</summary>
    public string? Died { get; init; }

    /// <summary>The operator of a seed; null when the compiler says that it cannot be had, such as a bound beyond 32 bits.</summary>
    public static KernelCase? TryCreate(int seed, string target)
    {
        try
        {
            return Create(seed, target);
        }
        catch (CompileException)
        {
            return null;
        }
    }

    private static KernelCase Create(int seed, string target)
    {
        Graph graph = GeneratedOperator.Create(seed);
        CompiledPlan plan = ModelCompiler.Compile(graph, new CompileOptions { Target = TargetDescription.ByName(target) });
        var evaluator = new ReferenceEvaluator(graph);
        var expected = new byte[Inputs][];
        var cases = new RunCase[Inputs];
        for (int i = 0; i < Inputs; i++)
        {
            byte[][] inputs = [.. graph.Inputs.Select(input => Input(graph.Tensors[input], seed, i))];
            expected[i] = [.. evaluator.Invoke([.. inputs.Select(input => (ReadOnlyMemory<byte>)input)]).SelectMany(output => output)];
            cases[i] = new RunCase(inputs.SelectMany(input => input).ToArray(), ResetState: i == 0);
        }

        uint budget = (seed % 3) switch { 0 => 1u, 1 => 2000u, _ => 0u };
        return new KernelCase(seed, graph, plan, new RunJob(plan.Blob, cases) { Budget = budget }, expected);
    }

    /// <summary>What is wrong with a result; null when all outputs are the reference's.</summary>
    public string? Problem(RunResult? result)
    {
        if (result is null)
        {
            return Died;
        }

        if (result.LoadError != 0 || result.Cases.Any(one => one.Error != 0))
        {
            return $"load error {result.LoadError}, run errors {string.Join(", ", result.Cases.Select(one => one.Error))}";
        }

        for (int i = 0; i < Inputs; i++)
        {
            ReadOnlySpan<byte> actual = result.Cases[i].Output.Span;
            int at = Expected[i].AsSpan().CommonPrefixLength(actual);
            if (at != Expected[i].Length || at != actual.Length)
            {
                return $"inputs {i}, byte {at} of {Expected[i].Length} ({actual.Length} computed): expected {Text(Expected[i], at)}, not {Text(actual, at)}";
            }
        }

        return null;
    }

    public override string ToString() =>
        $"{GraphShrinker.Describe(Graph)}\nlayouts {string.Join(", ", Layouts())}, arena {Plan.Report.ArenaBytes}, in place {Plan.Report.InPlaceOperators}, over its input {Plan.Report.OverlappingOperators}, budget {Job.Budget}";

    /// <summary>Layout ids of the plan's records.</summary>
    public IEnumerable<WeightLayout> Layouts() => PlanReader.Read(Plan.Blob.Span).Operators.Select(op => op.Layout);

    private static string Text(ReadOnlySpan<byte> bytes, int at) => Convert.ToHexString(bytes[at..Math.Min(bytes.Length, at + 8)]);

    // Any values; then all at one end of the type, all at the other, and both ends mixed.
    private static byte[] Input(Tensor tensor, int seed, int sort)
    {
        byte[] bytes = new LcgInput((uint)((seed * 4) + sort)).Next(tensor.Type, tensor.ElementCount);
        if (tensor.Type == ElementType.Float32)
        {
            float factor = sort switch { 0 => 1f, 1 => 40f, 2 => 1e6f, _ => 1e-6f };
            foreach (ref float value in MemoryMarshal.Cast<byte, float>(bytes.AsSpan()))
            {
                value *= factor;
            }
        }
        else if (sort > 0)
        {
            int size = tensor.Type == ElementType.Int16 ? 2 : 1;
            for (int i = 0; i < bytes.Length; i += size)
            {
                bool low = sort == 1 || (sort == 3 && (bytes[i + size - 1] & 1) != 0);
                bytes[i] = low ? (byte)0 : (byte)0xff;
                bytes[i + size - 1] = low ? (byte)0x80 : (byte)0x7f;
            }
        }

        return bytes;
    }
}
