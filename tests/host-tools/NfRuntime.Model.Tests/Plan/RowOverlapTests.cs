using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;
using NfRuntime.Model.Plan.Memory;
using Xunit;

namespace NfRuntime.Model.Tests.Plan;

/// <summary>Outputs that lie over a part of their dying input: every row that is read is the one that was written.</summary>
public class RowOverlapTests
{
    private static readonly Arbitrary<RowWalk> Walks = Walk().ToArbitrary();

    // Up to nine tensors, each computed from the one before it; now and then one is read again later.
    private static readonly Arbitrary<RowChain> Chains =
        (from count in Gen.Choose(1, 8)
         from first in Gen.Choose(1, 9)
         from width in Gen.Choose(1, 40)
         from walks in Gen.ArrayOf(Walk(), count)
         from kept in Gen.ArrayOf(Gen.Choose(0, 11), count + 1)
         select RowChain.Create(first, width, walks, kept)).ToArbitrary();

    [Fact]
    public void No_row_is_overwritten_that_is_still_to_be_read() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Walks, walk =>
        {
            RowOverlap allowed = walk.Allowed;
            return walk.IsSound(allowed.Ascending, 0, descending: false) && walk.IsSound(0, allowed.Descending, descending: true)
                && walk.IsSound(allowed.Ascending + 3, 0, descending: false) && walk.IsSound(0, allowed.Descending + 3, descending: true);
        }));

    // One byte closer is too close, but where windows lie in the padding and nothing is read; also shows that the simulation finds what it looks for.
    [Fact]
    public void No_plan_could_let_them_overlap_further() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Walks, walk =>
        {
            RowOverlap allowed = walk.Allowed;
            return !walk.ReadsInEachRow || ((allowed.Ascending == 0 || !walk.IsSound(allowed.Ascending, 1, descending: false))
                && (allowed.Descending == 0 || !walk.IsSound(1, allowed.Descending, descending: true)));
        }));

    [Fact]
    public void Planned_chains_keep_every_row_that_is_still_to_be_read()
    {
        int overlapping = 0;
        int descending = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll(Chains, chain =>
        {
            MemoryPlan plan = MemoryPlanner.Plan(chain.Requests, chain.Overlaps);
            overlapping += chain.Overlaps.Count(overlap => overlap.IsUsed(plan.Offsets[overlap.Input], plan.Offsets[overlap.Output]));
            descending += chain.Overlaps.Count(overlap => overlap.IsDescending(plan.Offsets[overlap.Input], plan.Offsets[overlap.Output]));
            return chain.Problem(plan) is null && plan.Peak >= plan.Bound;
        }));
        Assert.True(overlapping > 400 && descending > 100, $"{overlapping} overlaps, {descending} of them descending");
    }

    [Fact]
    public void A_chain_reaches_its_bound_which_is_hardly_more_than_the_largest_tensor()
    {
        var b = new GraphBuilder();
        int tensor = b.Input([1, 16, 16, 16]);
        for (int i = 0; i < 6; i++)
        {
            int weights = b.Weights([16, 3, 3, 16], i);
            tensor = b.Op(new Conv2DAttributes(1, 1, 1, 1, 1, 1, Activation.None), [1, 16, 16, 16], [tensor, weights]);
        }

        PlanReport report = ModelCompiler.Compile(b.Build(tensor), new CompileOptions()).Report;
        Assert.Equal((4096 + (2 * 256), 6), (report.ArenaBytes, report.OverlappingOperators));
        Assert.Equal(report.LivenessBound, report.ArenaBytes);
        Assert.All(report.Rows, row => Assert.Equal(report.ArenaBytes, row.LiveBytes));
    }

    // The first goes down in the arena, the second up again: only one of the two directions is free each time.
    [Fact]
    public void Rows_descend_where_the_output_lies_above()
    {
        var b = new GraphBuilder();
        var pool = new Pool2DAttributes(OperatorKind.MaxPool2D, 3, 3, 1, 1, 1, 1, Activation.None);
        int first = b.Op(pool, [1, 8, 8, 4], [b.Input([1, 8, 8, 4])]);
        int second = b.Op(pool, [1, 8, 8, 4], [first]);
        PlanImage image = PlanReader.Read(ModelCompiler.Compile(b.Build(second), new CompileOptions()).Blob.Span);
        uint[] offsets = [.. image.Operators.Select(op => image.Tensors[op.Inputs[0]].Offset), image.Tensors[image.Operators[1].Output].Offset];
        int[] flags = [.. image.Operators.Select(op => (int)op.Parameters.Span[28])];
        Assert.Equal(256u + 64, image.ArenaBytes);
        Assert.Equal([offsets[1] > offsets[0] ? 1 : 0, offsets[2] > offsets[1] ? 1 : 0], flags);
        Assert.Equal(1, flags.Sum());
    }

    [Fact]
    public void Two_images_at_once_an_input_that_is_read_again_and_kept_tensors_do_not_overlap()
    {
        var b = new GraphBuilder();
        PlanReport two = ModelCompiler.Compile(b.Build(b.Pointwise(b.Input([2, 8, 8, 4]), 4)), new CompileOptions()).Report;
        Assert.Equal((1024, 0), (two.ArenaBytes, two.OverlappingOperators));

        b = new GraphBuilder();
        int input = b.Input([1, 8, 8, 4]);
        PlanReport again = ModelCompiler.Compile(b.Build(b.AddOp(b.Pointwise(input, 4), input)), new CompileOptions()).Report;
        Assert.Equal((512, 0), (again.ArenaBytes, again.OverlappingOperators));

        b = new GraphBuilder();
        Graph graph = b.Build(b.Pointwise(b.Input([1, 8, 8, 4]), 4));
        Assert.Equal((512, 0), Figures(graph, new CompileOptions { KeepAllTensors = true }));
        Assert.Equal((256 + 32, 1), Figures(graph, new CompileOptions()));
    }

    private static (long Arena, int Overlapping) Figures(Graph graph, CompileOptions options)
    {
        PlanReport report = ModelCompiler.Compile(graph, options).Report;
        return (report.ArenaBytes, report.OverlappingOperators);
    }

    private static Gen<RowWalk> Walk() =>
        from rows in Gen.Choose(1, 9)
        from outputRows in Gen.Choose(1, 9)
        from stride in Gen.Choose(1, 3)
        from pad in Gen.Choose(0, 4)
        from reach in Gen.Choose(1, 5)
        from together in Gen.Elements(1, 1, 1, 4, 7)
        from inputRow in Gen.Choose(1, 40)
        from outputRow in Gen.Choose(1, 40)
        select new RowWalk(new WindowRows(rows, outputRows, stride, pad, reach, together, 0), inputRow, outputRow);
}
