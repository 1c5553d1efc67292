using System.Collections.Generic;
using System.Globalization;

namespace NfRuntime.Cli.Output;

/// <summary>Numbers and names as people read them; the same in every culture.</summary>
internal static class Figures
{
    /// <summary>412,160.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>11,264 B.</summary>
    public static string Bytes(long value) => Count(value) + " B";

    /// <summary>46.1 KB (1 KB = 1,024 B) from 10,240 B on, exact bytes below.</summary>
    public static string Size(long value) => value switch
    {
        < 10 << 10 => Bytes(value),
        < 10 << 20 => (value / 1024.0).ToString("N1", CultureInfo.InvariantCulture) + " KB",
        _ => (value / 1048576.0).ToString("N1", CultureInfo.InvariantCulture) + " MB",
    };

    /// <summary>25×5×64.</summary>
    public static string Shape(IReadOnlyList<int> shape) => shape.Count == 0 ? "scalar" : string.Join('×', shape);

    /// <summary>0.901: three decimals.</summary>
    public static string Ratio(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>"1 case", "2 cases".</summary>
    public static string Plural(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? string.Empty : "s")}";
}
