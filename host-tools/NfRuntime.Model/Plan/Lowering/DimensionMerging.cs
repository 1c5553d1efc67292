using System;
using System.Collections.Generic;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>Merges adjacent dimensions that an operator treats alike, so that four are enough for nearly every shape.</summary>
internal static class DimensionMerging
{
    /// <summary>Dimensions in a plan's structures.</summary>
    public const int Rank = 4;

    /// <summary>One merged dimension.</summary>
    /// <param name="Extent">At least 1.</param>
    /// <param name="Sort">What is common to the dimensions merged in it.</param>
    public readonly record struct Dimension(long Extent, int Sort);

    /// <summary>
    /// Drops dimensions of extent 1 that are of sort 0, then merges neighbours of equal sort when
    /// <paramref name="mergeable"/> says that the sort allows it; then fills with outer dimensions of extent 1 and sort 0.
    /// </summary>
    /// <returns>At least four dimensions, outermost first; more when the shape cannot be merged to four.</returns>
    public static IReadOnlyList<Dimension> Merge(IReadOnlyList<int> shape, IReadOnlyList<int> sorts, Func<int, bool> mergeable)
    {
        var merged = new List<Dimension>();
        for (int d = 0; d < shape.Count; d++)
        {
            if (shape[d] == 1 && sorts[d] == 0)
            {
                continue;
            }

            if (merged.Count > 0 && merged[^1].Sort == sorts[d] && mergeable(sorts[d]))
            {
                merged[^1] = new Dimension(merged[^1].Extent * shape[d], sorts[d]);
            }
            else
            {
                merged.Add(new Dimension(shape[d], sorts[d]));
            }
        }

        while (merged.Count < Rank)
        {
            merged.Insert(0, new Dimension(1, 0));
        }

        return merged;
    }
}
