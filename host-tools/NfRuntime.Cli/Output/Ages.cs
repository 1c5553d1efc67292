using System;
using System.Globalization;

namespace NfRuntime.Cli.Output;

/// <summary>Spans of time as people read them.</summary>
internal static class Ages
{
    /// <summary>"14 s", "3 min", "5 h", "12 d"; a clock that runs ahead gives "0 s".</summary>
    public static string Of(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => "0 s",
        { TotalSeconds: < 120 } => $"{(long)span.TotalSeconds} s",
        { TotalMinutes: < 120 } => $"{(long)span.TotalMinutes} min",
        { TotalHours: < 48 } => $"{(long)span.TotalHours} h",
        _ => $"{(long)span.TotalDays} d",
    };

    /// <summary>How long ago; "-" when it is not known.</summary>
    public static string Since(DateTimeOffset? time) => time is { } known ? Of(DateTimeOffset.UtcNow - known) : "-";

    /// <summary>3.1 ms.</summary>
    public static string Milliseconds(long microseconds) => (microseconds / 1000.0).ToString("N1", CultureInfo.InvariantCulture) + " ms";
}
