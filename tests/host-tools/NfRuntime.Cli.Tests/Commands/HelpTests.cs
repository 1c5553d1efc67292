using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Commands;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Commands;

public class HelpTests
{
    private static readonly RootCommand Root = CapsuleTool.CreateRoot(new ToolEnvironment { Out = TextWriter.Null, Error = TextWriter.Null, Variable = _ => null });

    public static TheoryData<string> CommandNames => [.. CommandTree.Leaves(Root).Select(leaf => leaf.Path)];

    [Fact]
    public void The_commands_are_those_of_the_tool() => Assert.Equal(
        ["build", "compile", "run", "test", "eval", "images", "tag", "rm", "inspect", "history", "save", "load", "push", "pull", "login", "logout", "verify", "keygen", "prune",
            "up", "down", "devices", "deploy", "ps", "logs", "stats", "why", "confirm", "rollback", "device enroll", "device rotate", "device revoke", "device retire", "fleet controller", "fleet distributor", "store inspect", "board check"],
        CommandTree.Leaves(Root).Select(leaf => leaf.Path));

    [Theory]
    [MemberData(nameof(CommandNames))]
    public async Task Help_ends_with_examples_that_parse(string name)
    {
        using var tool = new Tool();
        string[] path = name.Split(' ');
        string text = (await tool.RunAsync([.. path, "--help"])).Succeeded();
        ToolCommand command = CommandTree.Leaves(Root).Single(leaf => leaf.Path == name).Command;
        Assert.NotEmpty(command.Examples);
        Assert.Contains("Examples:\n" + string.Concat(command.Examples.Select(example => $"  {example}\n")), text, StringComparison.Ordinal);
        foreach (string example in command.Examples)
        {
            string[] words = example.Split(' ');
            Assert.Equal(["capsule", .. path], words[..(1 + path.Length)]);
            Assert.Empty(Root.Parse(words[1..]).Errors);
        }
    }

    [Fact]
    public async Task A_group_of_commands_shows_its_help_and_names_itself_in_errors()
    {
        using var tool = new Tool();
        Assert.Contains("inspect <FILE>", (await tool.RunAsync("store")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains("capsule store inspect --help", (await tool.RunAsync("store", "inspect")).Failed(2, "CAPSULE1001"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_command_the_help_is_shown()
    {
        using var tool = new Tool();
        Assert.Contains("Commands:", (await tool.RunAsync()).Succeeded(), StringComparison.Ordinal);
    }
}
