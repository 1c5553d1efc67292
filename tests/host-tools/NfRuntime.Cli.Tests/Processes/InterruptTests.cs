using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Text.Json;
using System.Threading.Tasks;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Processes;

public class InterruptTests
{
    public InterruptTests() => Repository.RequireRunner();

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_build_that_is_interrupted_ends_its_children_and_leaves_nothing(string signal)
    {
        using Tool tool = await Tool.WithKeysAsync();
        string project = WithSlowProcessor(tool);
        string temporary = Directory.CreateDirectory(tool.File("tmp")).FullName;
        var variables = new Dictionary<string, string> { ["NFR_HOME"] = tool.Home, ["TMPDIR"] = temporary };
        using Process process = ToolProcess.Start(variables, "build", project, "-t", "slow:1");
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string? line;
        do
        {
            line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        }
        while (line is not null && !line.StartsWith(" vectors", StringComparison.Ordinal));
        Assert.NotNull(line);
        string marker = Path.Combine(project, "building");
        for (int i = 0; i < 1200 && !File.Exists(marker); i++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.True(File.Exists(marker), "the processor's build did not start");
        await ToolProcess.SignalAsync(process, signal);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal((130, "CAPSULE1020: Interrupted; nothing was left half-written.\n  Run the command again.\n"), (process.ExitCode, await error));
        Assert.False(Directory.Exists(Path.Combine(tool.Home, "images")));
        Assert.Empty(Directory.GetDirectories(temporary, "nfr-*"));
        Assert.False(IsRunning(await File.ReadAllTextAsync(marker, TestContext.Current.CancellationToken)));
    }

    // The build of this processor writes its shell's process id and sleeps: long enough to be interrupted in.
    private static string WithSlowProcessor(Tool tool)
    {
        string project = tool.CopyFashion("slow");
        tool.Write("slow/v1/P/P.csproj", """
            <Project DefaultTargets="Build">
              <Target Name="Restore" />
              <Target Name="Build">
                <Exec Command="echo $$ > ../building.new; mv ../building.new ../building; sleep 60" />
              </Target>
            </Project>
            """);
        string json = File.ReadAllText(Path.Combine(project, "capsule.json"));
        using JsonDocument document = JsonDocument.Parse(json);
        string processing = document.RootElement.GetProperty("processing").GetRawText();
        File.WriteAllText(Path.Combine(project, "capsule.json"), json
            .Replace($"\"processing\": {processing}", "\"processor\": { \"project\": \"P/P.csproj\" }", StringComparison.Ordinal)
            .Replace("[\"host\", \"cortex-m4\"]", "[\"host\"]", StringComparison.Ordinal)
            .Replace("\"count\": 8", "\"count\": 1, \"format\": \"uint8\"", StringComparison.Ordinal));
        return project;
    }

    // Whoever adopted a killed process may not have waited for it yet: a zombie runs no more.
    private static bool IsRunning(string id)
    {
        string stat = $"/proc/{id.Trim()}/stat";
        try
        {
            return !File.ReadAllText(stat).Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
