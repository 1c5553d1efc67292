using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Passes;
using NfRuntime.Model.Plan.Lowering;
using NfRuntime.Model.Plan.Memory;

namespace NfRuntime.Model.Plan;

/// <summary>Compiles a model ahead of time to a plan: passes, lowering, memory planning, writing. Deterministic.</summary>
public static class ModelCompiler
{
    /// <summary>Compiles <paramref name="graph"/>.</summary>
    /// <exception cref="CompileException">The model cannot be represented; the message names the operator.</exception>
    /// <exception cref="GraphVerificationException">The graph breaks a rule of the IR (none that the importer made does).</exception>
    public static CompiledPlan Compile(Graph graph, CompileOptions options)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(options);
        Graph optimized = (options.KeepAllTensors ? PassPipeline.KeepAll : PassPipeline.Default).Run(graph);
        var constants = new ConstantPool();
        int[] viewOf = options.KeepAllTensors ? Views.None(optimized) : Views.Of(optimized);
        List<LoweredOperator> operators = Lower(optimized, viewOf, constants, options.Target);
        var lifetimes = new Lifetimes(optimized, operators, viewOf);
        ArenaPlan arena = ArenaPlanner.Plan(optimized, operators, lifetimes, options);
        PlanImage image = new PlanAssembler(optimized, arena, constants).Assemble(operators);
        byte[] blob = PlanWriter.Write(image);
        PlanReport report = Report(graph, optimized, operators, arena, lifetimes, image, blob.Length);
        return new CompiledPlan(
            blob,
            report,
            PlanListing.Operators(optimized, operators, arena),
            [.. optimized.Inputs.Select(tensor => IoInfo(optimized.Tensors[tensor]))],
            [.. optimized.Outputs.Select(tensor => IoInfo(optimized.Tensors[tensor]))]);
    }

    private static List<LoweredOperator> Lower(Graph graph, int[] viewOf, ConstantPool constants, TargetDescription target)
    {
        var operators = new List<LoweredOperator>(graph.Nodes.Count);
        foreach (Node node in graph.Nodes)
        {
            bool isView = node.Kind == OperatorKind.Reshape && viewOf[node.Outputs[0]] != node.Outputs[0];
            if (!isView)
            {
                operators.Add(OperatorLowering.Lower(new LoweringContext(graph, node, constants, target)));
            }

            if (operators.Count > PlanFormat.MaxOperators)
            {
                throw new CompileException($"the plan has more than {PlanFormat.MaxOperators} operators");
            }
        }

        return operators;
    }

    private static PlanReport Report(
        Graph source, Graph graph, List<LoweredOperator> operators, ArenaPlan arena, Lifetimes lifetimes, PlanImage image, long planBytes)
    {
        var reporter = new MemoryReporter(graph, operators, arena, lifetimes);
        return new(
            PlanListing.Rows(graph, operators, arena),
            planBytes,
            image.Constants.Length,
            image.StateBytes,
            image.ArenaBytes,
            arena.Bound,
            PlanListing.RowOf(arena, reporter.PeakStep),
            Enumerable.Range(0, arena.Storage.Steps.Count).Max(arena.ScratchBytes),
            arena.Storage.InPlaceCount,
            arena.Storage.Overlaps.Count(overlap => overlap.IsUsed(arena.Memory.Offsets[overlap.Input], arena.Memory.Offsets[overlap.Output])),
            source.Tensors.Where(tensor => tensor.IsConstant).Sum(tensor => (long)tensor.ByteSize),
            reporter.Report(source.Nodes.Count));
    }

    private static PlanIoInfo IoInfo(Tensor tensor)
    {
        (float scale, int zeroPoint) = PlanAssembler.Quantization(tensor);
        return new PlanIoInfo(tensor.Name, tensor.Type, tensor.Shape, scale, zeroPoint, tensor.ByteSize);
    }
}
