using System.Text.Json;
using System.Threading.Tasks;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Commands;

public class CommandLineTests
{
    [Fact]
    public async Task A_wrong_command_line_says_what_and_where_to_look()
    {
        using var tool = new Tool();
        ToolResult result = await tool.RunAsync("compile");
        Assert.Equal(2, result.Exit);
        Assert.Equal(string.Empty, result.Out);
        Assert.Equal("CAPSULE1001: Required argument 'MODEL' missing for command: 'compile'.\n  capsule compile --help shows what it takes, with an example.\n", result.Error);
    }

    [Fact]
    public async Task Errors_are_json_when_json_is_asked_for()
    {
        using var tool = new Tool();
        ToolResult result = await tool.RunAsync("compile", "no-such.tflite", "--json");
        Assert.Equal(3, result.Exit);
        Assert.Equal(string.Empty, result.Out);
        using JsonDocument error = JsonDocument.Parse(result.Error);
        Assert.Equal("CAPSULE2001", error.RootElement.GetProperty("error").GetString());
        Assert.Equal("There is no model no-such.tflite.", error.RootElement.GetProperty("message").GetString());
        Assert.Equal("Give the path of a .tflite file.", error.RootElement.GetProperty("remedy").GetString());
        Assert.Empty(error.RootElement.GetProperty("further").EnumerateArray());
    }

    [Fact]
    public async Task A_stack_trace_is_shown_with_verbose_only()
    {
        using var tool = new Tool();
        string file = tool.Write("no.tflite", "this is no FlatBuffer");
        string brief = (await tool.RunAsync("compile", file)).Failed(3, "CAPSULE2002");
        Assert.DoesNotContain("   at ", brief, System.StringComparison.Ordinal);
        Assert.Contains("   at ", (await tool.RunAsync("compile", file, "--verbose")).Failed(3, "CAPSULE2002"), System.StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_defect_of_the_tool_has_its_own_code()
    {
        using var tool = new Tool { Compiler = (_, _) => throw new System.InvalidOperationException("a pass fell over") };
        await tool.RunAsync("keygen");
        string error = (await tool.RunAsync("build", Repository.FashionV1)).Failed(70, "CAPSULE9001: InvalidOperationException: a pass fell over.");
        Assert.DoesNotContain("   at ", error, System.StringComparison.Ordinal);
    }
}
