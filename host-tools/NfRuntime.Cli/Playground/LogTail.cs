using System;
using System.IO;
using System.Linq;

namespace NfRuntime.Cli.Playground;

/// <summary>The end of a log, for an error message.</summary>
internal static class LogTail
{
    private const int MaxBytes = 16 << 10, MaxLine = 300;

    /// <summary>"It said: …", the last line that is no part of a stack trace; empty when it said nothing.</summary>
    public static string Of(string path)
    {
        if (!File.Exists(path))
        {
            return string.Empty;
        }

        using FileStream log = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        log.Seek(Math.Max(0, log.Length - MaxBytes), SeekOrigin.Begin);
        using var reader = new StreamReader(log);
        string? line = reader.ReadToEnd().Split('\n').LastOrDefault(text => text.Trim().Length > 0 && !text.StartsWith("   at ", StringComparison.Ordinal));
        return line is null ? string.Empty : $"It said: {(line.Length > MaxLine ? line[..MaxLine] + "…" : line).Trim()}";
    }
}
