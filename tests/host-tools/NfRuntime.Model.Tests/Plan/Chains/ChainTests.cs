using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Passes;
using NfRuntime.Model.Plan;
using NfRuntime.Model.Plan.Chains;
using NfRuntime.Model.Plan.Lowering;
using NfRuntime.Model.Plan.Memory;
using NfRuntime.Model.Tests.EndToEnd;
using Xunit;

namespace NfRuntime.Model.Tests.Plan.Chains;

/// <summary>Chains of random operators: each row is where a member looks for it, and the device's rules hold.</summary>
public class ChainTests
{
    private const int Seeds = 300;

    [Fact]
    public void Every_row_that_a_member_needs_is_there()
    {
        int residual = 0;
        int chains = ForEach((graph, chain) =>
        {
            residual += chain.Shape.Members.Count(member => member.Operator.Inputs.Count(tensor => chain.Shape.WriterOf(tensor) >= 0) > 1);
            (Dictionary<int, long> offsets, long end) = Apart(graph, chain, 0);
            Assert.Null(new ChainWalk(graph, chain, offsets, end, end + chain.WorkingBytes).Run());
        });
        Assert.True(chains > Seeds && residual > Seeds / 10, $"{chains} chains, {residual} members with two streamed operands");
    }

    [Fact]
    public void The_output_overwrites_no_row_that_is_still_to_be_read()
    {
        int overlapping = 0;
        int inPlace = 0;
        ForEach((graph, chain) =>
        {
            foreach (int input in Whole(chain))
            {
                if (chain.Ascending(input) is { } distance)
                {
                    overlapping++;
                    Run(graph, chain, input, Math.Max(0, -distance), Math.Max(0, -distance) + distance);
                }

                if (chain.MayRunInPlace(input))
                {
                    inPlace++;
                    Run(graph, chain, input, 0, 0);
                }
            }
        });
        Assert.True(overlapping > Seeds / 2 && inPlace > Seeds / 10, $"{overlapping} row by row, {inPlace} in place");
    }

    [Fact]
    public void The_device_s_rules_hold() => ForEach((_, chain) =>
    {
        IReadOnlyList<ChainMember> members = chain.Shape.Members;
        Assert.Equal((chain.Height, chain.Progress[^1].End), (chain.Progress[^1].Step, chain.Progress[^1].Start));
        Assert.True(chain.Done(members.Count - 1, chain.Stripes) == members[^1].Rows && chain.Done(members.Count - 1, chain.Stripes - 1) < members[^1].Rows);
        for (int i = 0; i < members.Count; i++)
        {
            MemberProgress own = chain.Progress[i];
            Assert.True(own.Step is >= 1 and <= 32767 && own.End is <= 0 and >= short.MinValue && own.Start <= own.End && own.Start >= short.MinValue);
            for (int j = i + 1; j < members.Count; j++)
            {
                if (members[j].Operator.Inputs.Contains(members[i].Operator.Output))
                {
                    MemberProgress reader = chain.Progress[j];
                    Assert.Equal(own.Step, reader.Step * members[j].Stride);
                    Assert.True(own.End >= (reader.End * members[j].Stride) + members[j].Reach - members[j].Stride - members[j].PadTop);
                    Assert.True(own.Start <= (reader.End * members[j].Stride) - members[j].PadTop);
                }
            }

            Assert.True(i == members.Count - 1 || chain.HeldRows(i) >= Math.Min(members[i].Rows, own.Step + own.End - own.Start));
        }
    });

    // Whole tensors one behind the other, from an offset on; how far they reach.
    private static (Dictionary<int, long> Offsets, long End) Apart(Graph graph, Chain chain, long offset)
    {
        var offsets = new Dictionary<int, long>();
        foreach (int tensor in Whole(chain).Append(chain.Shape.Members[^1].Operator.Output))
        {
            offsets[tensor] = offset;
            offset += graph.Tensors[tensor].ByteSize;
        }

        return (offsets, offset);
    }

    private static void Run(Graph graph, Chain chain, int input, long outputOffset, long inputOffset)
    {
        int output = chain.Shape.Members[^1].Operator.Output;
        long behind = Math.Max(inputOffset + graph.Tensors[input].ByteSize, outputOffset + graph.Tensors[output].ByteSize);
        (Dictionary<int, long> offsets, long end) = Apart(graph, chain, behind);
        (offsets[input], offsets[output]) = (inputOffset, outputOffset);
        Assert.Null(new ChainWalk(graph, chain, offsets, end, end + chain.WorkingBytes).Run());
    }

    private static IEnumerable<int> Whole(Chain chain) => chain.Shape.Members
        .SelectMany(member => member.Operator.Inputs).Where(tensor => tensor >= 0 && chain.Shape.WriterOf(tensor) < 0).Distinct();

    // Every chain that a random graph's operators can be, at some heights of stripes.
    private static int ForEach(Action<Graph, Chain> check)
    {
        int chains = 0;
        for (int seed = 1; seed <= Seeds; seed++)
        {
            Graph graph = PassPipeline.Default.Run(RandomWindowChain.Create(seed));
            var constants = new ConstantPool();
            LoweredOperator[] operators = [.. graph.Nodes.Select(node => OperatorLowering.Lower(new LoweringContext(graph, node, constants, TargetDescription.ByName("cortex-m4"))))];
            var lifetimes = new Lifetimes(graph, operators, Views.Of(graph));
            foreach (PlanStep step in new ChainSearch(graph, operators, lifetimes).Candidates.Where(step => step.Chain is not null && (step.First + step.Last + step.Chain.Height + seed) % 5 == 0))
            {
                chains++;
                check(graph, step.Chain!);
            }
        }

        return chains;
    }
}
