using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using NfRuntime.Fleet.Protocol;
using Xunit;

namespace NfRuntime.Fleet.Tests.Protocol;

/// <summary>Reasons in words: the device's and the controller's are the same, and none says what no device can know.</summary>
public sealed class ReasonTests
{
    [Fact]
    public void The_firmwares_words_are_the_controllers()
    {
        string store = Path.Combine(Root(), "firmware", "store");
        Dictionary<string, int> numbers = Regex.Matches(File.ReadAllText(Path.Combine(store, "nfr_lifecycle.h")), @"NFR_REASON_(\w+) = (\d+),")
            .ToDictionary(match => match.Groups[1].Value, match => int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
        (int Number, string Words)[] texts = [.. Regex.Matches(File.ReadAllText(Path.Combine(store, "lifecycle_reason.c")), @"\[NFR_REASON_(\w+)\] = ""([^""]+)""")
            .Select(match => (numbers[match.Groups[1].Value], match.Groups[2].Value)).Where(text => text.Item1 > 0)];
        Assert.Equal(numbers.Count - 2, texts.Length); // all but NONE and COUNT
        Assert.All(texts, text => Assert.StartsWith(text.Words, Reasons.Clause(text.Number, 0), StringComparison.Ordinal));
    }

    // A sample of a wrong size is such a failure: it was called an attempt on memory that a fence had stopped, where no board has one.
    [Fact]
    public void A_failed_inference_is_no_word_against_whom_it_cannot_know()
    {
        Assert.Equal("inferences of it failed", Reasons.Clause(12, 0));
        Assert.All(Reasons.All, reason => Assert.DoesNotContain("fence", Reasons.Clause(reason, 0) + Reasons.Remedy(reason), StringComparison.Ordinal));
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "nf-runtime.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the tests are not in a checkout");
    }
}
