using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NfRuntime.Model.Plan.Memory;
using Xunit;

namespace NfRuntime.Model.Tests.Plan;

public class MemoryPlannerTests
{
    // 1 to 14 requests of one to three ranges over 12 operators, in random places and sizes.
    private static readonly Arbitrary<MemoryRequest[]> Requests =
        (from count in Gen.Choose(1, 14)
         from requests in Gen.ArrayOf(Request(), count)
         select requests).ToArbitrary();

    [Fact]
    public void No_two_ranges_that_are_live_together_overlap() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Requests, requests =>
        {
            MemoryPlan plan = MemoryPlanner.Plan(requests);
            return Overlaps(requests, plan.Offsets) == 0;
        }));

    [Fact]
    public void The_peak_is_the_highest_end_and_not_below_the_bound() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Requests, requests =>
        {
            MemoryPlan plan = MemoryPlanner.Plan(requests);
            long highest = requests.Select((request, i) => plan.Offsets[i] + request.Ranges.Max(range => range.Bytes)).Max();
            return plan.Peak >= highest && plan.Peak < highest + 16 && plan.Peak >= plan.Bound && plan.Bound == SlowBound(requests)
                && plan.Peak % 16 == 0 && plan.Offsets.All(offset => offset >= 0 && offset % 16 == 0);
        }));

    [Fact]
    public void The_same_requests_get_the_same_offsets() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(50), Prop.ForAll(
            Requests, requests => MemoryPlanner.Plan(requests).Offsets.SequenceEqual(MemoryPlanner.Plan(requests).Offsets)));

    [Fact]
    public void The_independent_check_finds_an_overlap()
    {
        MemoryRequest[] requests = [One(0, 2, 32), One(2, 3, 32)];
        Assert.Equal(1, Overlaps(requests, [0, 16]));
        Assert.Equal(0, Overlaps(requests, [0, 32]));
        Assert.Equal(0, Overlaps([One(0, 1, 32), One(2, 3, 32)], [0, 0]));
    }

    // Greedy placement by size puts the long one of 16 bytes on top: 64; below the others it is 48 + 16.
    [Fact]
    public void Exhaustive_search_reaches_the_bound_where_greedy_orders_do_not()
    {
        MemoryRequest[] requests =
        [
            One(0, 1, 48), One(1, 2, 32), One(2, 3, 48), One(0, 0, 32), One(3, 3, 32), One(1, 1, 16), One(2, 2, 16), One(0, 3, 16),
        ];
        MemoryPlan plan = MemoryPlanner.Plan(requests);
        Assert.Equal(112, plan.Bound);
        Assert.Equal(plan.Bound, plan.Peak);
        Assert.Equal(0, Overlaps(requests, plan.Offsets));
    }

    [Fact]
    public void A_chain_in_place_takes_one_offset_and_frees_what_it_no_longer_needs()
    {
        MemoryRequest chain = new([new LiveRange(0, 1, 64), new LiveRange(1, 3, 16)]);
        MemoryRequest[] requests = [chain, One(2, 3, 48)];
        MemoryPlan plan = MemoryPlanner.Plan(requests);
        Assert.Equal(64, plan.Peak);
        Assert.Equal(0, Overlaps(requests, plan.Offsets));
    }

    [Fact]
    public void Nothing_to_plan_is_a_plan() => Assert.Equal(0, MemoryPlanner.Plan([]).Peak);

    private static Gen<MemoryRequest> Request() =>
        from count in Gen.Choose(1, 3)
        from ranges in Gen.ArrayOf(Range(), count)
        select new MemoryRequest(ranges);

    private static Gen<LiveRange> Range() =>
        from first in Gen.Choose(0, 11)
        from length in Gen.Choose(0, 4)
        from bytes in Gen.Choose(1, 200)
        select new LiveRange(first, Math.Min(11, first + length), bytes);

    private static MemoryRequest One(int first, int last, long bytes) => new([new LiveRange(first, last, bytes)]);

    // Every pair of ranges of different requests, byte intervals as they are: written without the planner's notions.
    private static int Overlaps(MemoryRequest[] requests, IReadOnlyList<long> offsets)
    {
        int overlaps = 0;
        for (int i = 0; i < requests.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                overlaps += (from a in requests[i].Ranges
                             from b in requests[j].Ranges
                             where a.First <= b.Last && b.First <= a.Last
                             where offsets[i] < offsets[j] + b.Bytes && offsets[j] < offsets[i] + a.Bytes
                             select a).Count();
            }
        }

        return overlaps;
    }

    private static long SlowBound(MemoryRequest[] requests) => Enumerable.Range(0, 12).Max(op => requests.Sum(
        request => request.Ranges.Where(range => range.First <= op && op <= range.Last).Select(range => (range.Bytes + 15) / 16 * 16).DefaultIfEmpty(0).Max()));
}
