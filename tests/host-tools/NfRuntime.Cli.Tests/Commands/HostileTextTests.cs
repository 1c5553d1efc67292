using System;
using System.IO;
using System.Threading.Tasks;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Commands;

/// <summary>Names that strangers chose do not reach a terminal as commands.</summary>
public class HostileTextTests
{
    [Theory]
    [InlineData("plain ünïcode ×", "plain ünïcode ×")]
    [InlineData("\u001b]0;title\u0007x", "\uFFFD]0;title\uFFFDx")]
    [InlineData("a\nb\r\u009b2J\u202Ec", "a\uFFFDb\uFFFD\uFFFD2J\uFFFDc")]
    public void Control_characters_are_replaced(string text, string expected) => Assert.Equal(expected, Printable.Line(text));

    [Fact]
    public void A_long_tensor_name_is_shortened()
    {
        Assert.Equal("conv/Relu", Printable.TensorName("conv/Relu;conv/BiasAdd;conv/Conv2D"));
        Assert.Equal(new string('x', 59) + "…", Printable.TensorName(new string('x', 61)));
        Assert.Equal(new string('x', 60), Printable.TensorName(new string('x', 60)));
    }

    [Fact]
    public async Task A_file_name_in_an_error_is_made_safe()
    {
        using var tool = new Tool();
        string error = (await tool.RunAsync("compile", "\u001b[2Jno.tflite")).Failed(3, "CAPSULE2001: There is no model \uFFFD[2Jno.tflite.");
        Assert.DoesNotContain('\u001b', error);
    }

    [Fact]
    public async Task Only_a_terminal_that_wants_it_gets_colour()
    {
        Repository.RequireRunner();
        using Tool tool = await Tool.WithKeysAsync();
        Assert.Contains("\u001b[32mverified\u001b[0m", await VerifyAsync(tool, terminal: true, noColor: null), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', await VerifyAsync(tool, terminal: true, noColor: "1"));
        Assert.DoesNotContain('\u001b', await VerifyAsync(tool, terminal: false, noColor: null));
    }

    private static async Task<string> VerifyAsync(Tool tool, bool terminal, string? noColor)
    {
        (await tool.RunAsync("build", Repository.FashionV1, "-t", "fashion:1")).Succeeded();
        using var output = new StringWriter();
        var environment = new ToolEnvironment
        {
            Out = output,
            Error = TextWriter.Null,
            OutIsTerminal = terminal,
            Variable = name => name switch { "NFR_HOME" => tool.Home, "NO_COLOR" => noColor, _ => null },
        };
        Assert.Equal(0, await CapsuleTool.RunAsync(["verify", "fashion:1"], environment, TestContext.Current.CancellationToken));
        return output.ToString();
    }
}
