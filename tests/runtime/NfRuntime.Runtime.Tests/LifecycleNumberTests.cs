using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using NfRuntime.Images.Store;
using Xunit;

namespace NfRuntime.Runtime.Tests;

/// <summary>States and reasons of versions stand in firmware/store/nfr_lifecycle.h; the tools' numbers are compared with it.</summary>
public class LifecycleNumberTests
{
    [Fact]
    public void The_tools_know_every_state() => Assert.Equal(Firmware("STATE"), Tools<VersionState>());

    [Fact]
    public void The_tools_know_every_reason() => Assert.Equal(Firmware("REASON"), Tools<VersionReason>());

    // NFR_REASON_BROWN_OUT = 15 becomes "15 BrownOut". What is not numbered in the header (COUNT) is no state.
    private static string[] Firmware(string kind)
    {
        string text = File.ReadAllText(Path.Combine(DeviceAssemblies.Root, "firmware", "store", "nfr_lifecycle.h"));
        IEnumerable<Match> found = Regex.Matches(text, $@"^\s*NFR_{kind}_([A-Z_]+) = (\d+),", RegexOptions.Multiline);
        return [.. found.Where(match => match.Groups[1].Value != "COUNT").Select(match => $"{match.Groups[2].Value} {Pascal(match.Groups[1].Value)}")];
    }

    private static string[] Tools<T>()
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(value => $"{Convert.ToInt32(value)} {value}")];

    private static string Pascal(string name) => string.Concat(name.Split('_').Select(word => word[0] + word[1..].ToLowerInvariant()));
}
