using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Commands;

public class ToolReferenceTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "reference", "capsule-tool.md"));

    [Fact]
    public void Every_command_stands_in_the_reference()
    {
        RootCommand root = CapsuleTool.CreateRoot(new ToolEnvironment { Out = TextWriter.Null, Error = TextWriter.Null, Variable = _ => null });
        Assert.Equal(CommandTree.Leaves(root).Select(leaf => leaf.Path).Order(), Regex.Matches(Text, @"^\| `capsule ([a-z]+(?: [a-z]+)?)", RegexOptions.Multiline).Select(match => match.Groups[1].Value).Order());
    }

    [Fact]
    public void Every_variable_stands_in_the_reference()
    {
        string sources = string.Concat(((string[])["NfRuntime.Cli", "NfRuntime.Model"]).SelectMany(project =>
            Directory.GetFiles(Path.Combine(Repository.Root, "host-tools", project), "*.cs", SearchOption.AllDirectories)).Select(File.ReadAllText));
        string[] used = [.. Regex.Matches(sources, "\"(NFR_[A-Z0-9_]+)\"").Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(used, Regex.Matches(Text, @"^\| `(NFR_\w+)`", RegexOptions.Multiline).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
    }
}
