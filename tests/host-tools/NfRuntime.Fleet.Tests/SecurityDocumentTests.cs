using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using NfRuntime.Fleet.Tests.Memory;
using Xunit;

namespace NfRuntime.Fleet.Tests;

/// <summary>SECURITY.md promises nothing that no test holds.</summary>
public sealed partial class SecurityDocumentTests
{
    [Fact]
    public void Every_proof_that_is_named_exists()
    {
        string[] rows = [.. File.ReadLines(Path.Combine(Checkout.Root, "SECURITY.md")).Where(line => Row().IsMatch(line))];
        Assert.Equal(Enumerable.Range(1, rows.Length).Select(n => $"{n}"), rows.Select(row => Row().Match(row).Groups[1].Value));
        Assert.True(rows.Length > 20, "the tables have another form now: this test reads nothing");
        string[] sources = [.. Directory.EnumerateFiles(Path.Combine(Checkout.Root, "tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText)];
        var missing = new List<string>();
        foreach (string row in rows)
        {
            string[] proofs = [.. Code().Matches(row.Split('|')[^2]).Select(m => m.Groups[1].Value)];
            Assert.True(proofs.Length > 0, row);
            missing.AddRange(proofs.Where(proof => !Exists(proof, sources)));
        }

        Assert.Empty(missing);
    }

    private static bool Exists(string proof, string[] sources)
    {
        if (proof.StartsWith("tests/", StringComparison.Ordinal))
        {
            return Path.Exists(Path.Combine(Checkout.Root, proof.Split(' ')[0]));
        }

        string[] name = proof.Split('.');
        return name.Length == 1
            ? name[0].All(char.IsLower) // the other targets of tests/fuzz
            : sources.Any(s => Regex.IsMatch(s, $@"\bclass {name[0]}\b") && Regex.IsMatch(s, $@"\b{name[1]}\("));
    }

    [GeneratedRegex(@"^\| (\d+) \|")]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
