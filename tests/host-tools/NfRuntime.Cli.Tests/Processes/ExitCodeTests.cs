using System.Collections.Generic;
using System.Threading.Tasks;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Processes;

public class ExitCodeTests
{
    private static readonly Dictionary<string, string> None = [];

    [Fact]
    public async Task Exit_codes_leave_the_process()
    {
        Assert.Equal(0, (await ToolProcess.RunAsync(None, "--help")).Exit);
        (await ToolProcess.RunAsync(None, "compile")).Failed(2, "CAPSULE1001");
        (await ToolProcess.RunAsync(None, "compile", "no-such.tflite")).Failed(3, "CAPSULE2001");
        (await ToolProcess.RunAsync(new Dictionary<string, string> { ["NFR_RUNNER"] = "/no/such" }, "test", Repository.FashionModel, "--golden", "x")).Failed(4, "CAPSULE1010");
    }

    [Fact]
    public async Task Pipes_get_plain_text()
    {
        ToolResult result = await ToolProcess.RunAsync(None, "compile", Repository.FashionModel, "--report");
        Assert.DoesNotContain('\u001b', result.Succeeded());
        Assert.DoesNotContain('\u001b', (await ToolProcess.RunAsync(None, "compile", "no-such.tflite")).Error);
    }
}
