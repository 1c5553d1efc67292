using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Playground;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Fleet;

public sealed class ChildProcessTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_process_is_started_with_its_log_known_and_ended()
    {
        string log = _tool.File("child.log");
        ChildProcess child = ChildProcess.Start("child", log, "/a home", "/bin/sh", "-c", "echo \"$NFR_HOME $1\"; exec sleep 60", "sh", "$(not a command)");
        Assert.True(child.IsAlive);
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(10) && (!File.Exists(log) || new FileInfo(log).Length == 0);)
        {
            await Task.Delay(20, Token);
        }

        Assert.Equal("/a home $(not a command)\n", await File.ReadAllTextAsync(log, Token));
        Assert.True(await child.StopAsync(Token));
        Assert.False(child.IsAlive);
        Assert.False(await child.StopAsync(Token));
    }

    [Fact]
    public async Task Another_process_with_the_same_id_is_left_alone()
    {
        using Process other = Process.Start("/bin/sleep", "60")!;
        try
        {
            ChildProcess known = ChildProcess.Of("known", other.Id);
            Assert.True(known.IsAlive);
            Assert.False(await (known with { Began = known.Began - 1 }).StopAsync(Token));
            Assert.False(await (known with { Boot = "another boot" }).StopAsync(Token));
            Assert.False(other.HasExited);
        }
        finally
        {
            other.Kill();
            await other.WaitForExitAsync(Token);
        }
    }

    [Fact]
    public async Task Down_ends_only_what_is_written_down()
    {
        var folder = new PlaygroundFolder(new Hosting.ToolHome(new Hosting.ToolEnvironment { Out = TextWriter.Null, Error = TextWriter.Null, Variable = name => name == Hosting.ToolHome.HomeVariable ? _tool.Home : null }));
        folder.Create();
        ChildProcess ours = ChildProcess.Start("ours", folder.Log("ours"), _tool.Home, "/bin/sleep", "60");
        ChildProcess theirs = ChildProcess.Start("theirs", folder.Log("theirs"), _tool.Home, "/bin/sleep", "60");
        folder.WriteProcesses([ours, theirs with { Began = theirs.Began - 1 }]);
        Assert.Equal(" Ended: ours.\n", (await _tool.RunAsync("down")).Succeeded());
        Assert.True(theirs.IsAlive);
        Assert.Equal(" No playground is up.\n", (await _tool.RunAsync("down")).Succeeded());
        Assert.True(await theirs.StopAsync(Token));
    }
}
