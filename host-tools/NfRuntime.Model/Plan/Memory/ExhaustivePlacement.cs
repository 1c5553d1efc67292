using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>
/// Branch and bound over the orders of greedy placement. Placing an optimal plan's requests by ascending offset, each at
/// its lowest free offset, is no worse than that plan; so some order is optimal, and one whose offsets never descend.
/// Complete unless the budget of placements ends it.
/// </summary>
internal sealed class ExhaustivePlacement(IReadOnlyList<MemoryRequest> requests, Conflicts conflicts, long bound, int budget)
{
    private readonly long[] _offsets = [.. Enumerable.Repeat(Placement.Unplaced, requests.Count)];
    private readonly int[] _bySize = [.. Enumerable.Range(0, requests.Count).OrderByDescending(i => requests[i].Bytes).ThenBy(i => i)];
    private long[] _best = [];
    private long _peak;
    private int _budget = budget;

    /// <summary>Whether the budget was enough for all orders.</summary>
    public bool IsComplete => _budget > 0;

    public (long[] Offsets, long Peak) Search(long[] best, long peak)
    {
        (_best, _peak) = (best, peak);
        Place(0, 0, -1, 0);
        return (_best, _peak);
    }

    // The recursion is as deep as there are requests; a plan has at most 1024 tensors.
    private void Place(int placed, long floor, int previous, long peak)
    {
        if (placed == requests.Count)
        {
            (_best, _peak) = ([.. _offsets], peak);
            return;
        }

        if (!RestCanFit(floor))
        {
            return;
        }

        foreach (int request in _bySize)
        {
            if (_peak <= bound || _budget <= 0)
            {
                return;
            }

            if (_offsets[request] == Placement.Unplaced)
            {
                _budget--;
                TryPlace(request, placed, floor, previous, peak);
            }
        }
    }

    // Offsets only grow with what is placed, so a request that would now stand too high will stand so later too.
    private bool RestCanFit(long floor)
    {
        foreach (int request in _bySize)
        {
            if (_offsets[request] == Placement.Unplaced
                && Math.Max(floor, Placement.LowestOffset(conflicts.Of(request), _offsets)) + requests[request].Bytes >= _peak)
            {
                return false;
            }
        }

        return true;
    }

    // Of requests at one offset the order does not matter: the smaller index comes first.
    private void TryPlace(int request, int placed, long floor, int previous, long peak)
    {
        long offset = Placement.LowestOffset(conflicts.Of(request), _offsets);
        long reached = Math.Max(peak, offset + requests[request].Bytes);
        if (offset >= floor && reached < _peak && (offset > floor || request > previous))
        {
            _offsets[request] = offset;
            Place(placed + 1, offset, request, reached);
            _offsets[request] = Placement.Unplaced;
        }
    }
}
