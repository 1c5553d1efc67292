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
    // 1 to 12 requests of one to three ranges over 12 operators, in random places and sizes.
    private static readonly Arbitrary<MemoryRequest[]> Requests =
        (from count in Gen.Choose(1, 12)
         from requests in Gen.ArrayOf(Request(), count)
         select requests).ToArbitrary();

    private static readonly Arbitrary<MemoryRequest[]> SmallRequests =
        (from count in Gen.Choose(4, 7)
         from requests in Gen.ArrayOf(SmallRequest(), count)
         select requests).ToArbitrary();

    [Fact]
    public void No_two_ranges_that_are_live_together_overlap() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(Requests, requests =>
        {
            MemoryPlan plan = MemoryPlanner.Plan(requests);
            return Overlaps(requests, plan.Offsets) == 0;
        }));

    [Fact]
    public void The_peak_is_the_highest_end_and_not_below_the_bound() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(Requests, requests =>
        {
            MemoryPlan plan = MemoryPlanner.Plan(requests);
            long highest = requests.Select((request, i) => plan.Offsets[i] + request.Ranges.Max(range => range.Bytes)).Max();
            return plan.Peak >= highest && plan.Peak < highest + 16 && plan.Peak >= plan.Bound && plan.Bound == SlowBound(requests)
                && plan.Peak % 16 == 0 && plan.Offsets.All(offset => offset >= 0 && offset % 16 == 0);
        }));

    [Fact]
    public void The_same_requests_get_the_same_offsets() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(20), Prop.ForAll(
            Requests, requests => MemoryPlanner.Plan(requests).Offsets.SequenceEqual(MemoryPlanner.Plan(requests).Offsets)));

    [Fact]
    public void The_independent_check_finds_an_overlap()
    {
        MemoryRequest[] requests = [One(0, 2, 32), One(2, 3, 32)];
        Assert.Equal(1, Overlaps(requests, [0, 16]));
        Assert.Equal(0, Overlaps(requests, [0, 32]));
        Assert.Equal(0, Overlaps([One(0, 1, 32), One(2, 3, 32)], [0, 0]));
    }

    // No order that sorts by size, duration or time gets this one below 128.
    [Fact]
    public void Search_reaches_the_bound_where_greedy_orders_do_not()
    {
        MemoryRequest[] requests =
        [
            One(0, 3, 32), One(4, 5, 32), One(3, 5, 32), One(1, 1, 16), One(5, 5, 48), One(1, 4, 32), One(1, 1, 16),
        ];
        MemoryPlan plan = MemoryPlanner.Plan(requests);
        Assert.Equal(112, plan.Bound);
        Assert.Equal(112, plan.Peak);
        Assert.Equal(0, Overlaps(requests, plan.Offsets));
    }

    [Fact]
    public void Small_plans_are_optimal() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(SmallRequests, requests =>
        {
            long peak = MemoryPlanner.Plan(requests).Peak;
            return !Fits(requests, new long[requests.Length], 0, peak - 16);
        }));

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

    private static Gen<MemoryRequest> SmallRequest() =>
        from first in Gen.Choose(0, 5)
        from length in Gen.Choose(0, 3)
        from units in Gen.Choose(1, 4)
        select One(first, Math.Min(5, first + length), 16 * units);

    // Whether offsets exist that keep the rest, from request `next` on, below `peak`: tries them all.
    private static bool Fits(MemoryRequest[] requests, long[] offsets, int next, long peak)
    {
        if (next == requests.Length)
        {
            return true;
        }

        for (long offset = 0; offset + requests[next].Bytes <= peak; offset += 16)
        {
            offsets[next] = offset;
            if (IsFree(requests, offsets, next) && Fits(requests, offsets, next + 1, peak))
            {
                return true;
            }
        }

        return false;
    }

    // Whether a request of one range overlaps none before it.
    private static bool IsFree(MemoryRequest[] requests, long[] offsets, int index)
    {
        LiveRange a = requests[index].Ranges[0];
        for (int i = 0; i < index; i++)
        {
            LiveRange b = requests[i].Ranges[0];
            bool together = a.First <= b.Last && b.First <= a.Last;
            if (together && offsets[index] < offsets[i] + b.Bytes && offsets[i] < offsets[index] + a.Bytes)
            {
                return false;
            }
        }

        return true;
    }

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
