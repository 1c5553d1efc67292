using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Boards;

/// <summary>Refusals because of an arrangement of weights that a firmware does not list (firmware/engine/SPEC.md section 6), by name.</summary>
internal static partial class LayoutRefusal
{
    /// <summary>What to do about it.</summary>
    public const string Remedy = "Put a firmware of this tool's version on the board, or make the plan for a target with plain weights (--target host).";

    private const int LayoutsOffset = 56; // struct nfr_plan_header

    /// <summary>The layouts of a plan besides the plain one, which every firmware has, as "layout 1 (Smlad)"; null when there is none.</summary>
    public static string? Describe(ReadOnlySpan<byte> plan)
    {
        uint layouts = plan.Length < LayoutsOffset + 4 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(plan[LayoutsOffset..]);
        List<string> names = [.. Enumerable.Range(1, 31).Where(id => (layouts >> id & 1) != 0).Select(Name)];
        return names.Count == 0 ? null : string.Join(", ", names);
    }

    /// <summary>The device's sentence about a layout that it lacks, with the layout's name; null when it is about something else.</summary>
    public static string? Describe(string sentence)
    {
        Match match = Missing().Match(sentence);
        return match.Success && int.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            ? sentence.Replace(match.Value, $"weight {Name(id)} needed", StringComparison.Ordinal)
            : null;
    }

    private static string Name(int id) => $"layout {id} ({(Enum.IsDefined((WeightLayout)id) ? ((WeightLayout)id).ToString() : "unknown to this tool")})";

    [GeneratedRegex(@"\blayout (\d{1,2}) needed")]
    private static partial Regex Missing();
}
