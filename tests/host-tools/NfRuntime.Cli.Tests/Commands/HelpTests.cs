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

    public static TheoryData<string> CommandNames => [.. Root.Subcommands.Select(command => command.Name)];

    [Fact]
    public void The_commands_are_those_of_the_tool() => Assert.Equal(
        ["build", "compile", "run", "test", "eval", "images", "tag", "rm", "inspect", "history", "save", "load", "verify", "keygen"],
        Root.Subcommands.Select(command => command.Name));

    [Theory]
    [MemberData(nameof(CommandNames))]
    public async Task Help_ends_with_examples_that_parse(string name)
    {
        using var tool = new Tool();
        string text = (await tool.RunAsync(name, "--help")).Succeeded();
        var command = (ToolCommand)Root.Subcommands.Single(command => command.Name == name);
        Assert.NotEmpty(command.Examples);
        Assert.Contains("Examples:\n" + string.Concat(command.Examples.Select(example => $"  {example}\n")), text, StringComparison.Ordinal);
        foreach (string example in command.Examples)
        {
            string[] words = example.Split(' ');
            Assert.Equal(["capsule", name], words[..2]);
            Assert.Empty(Root.Parse(words[1..]).Errors);
        }
    }

    [Fact]
    public async Task Without_a_command_the_help_is_shown()
    {
        using var tool = new Tool();
        Assert.Contains("Commands:", (await tool.RunAsync()).Succeeded(), StringComparison.Ordinal);
    }
}
