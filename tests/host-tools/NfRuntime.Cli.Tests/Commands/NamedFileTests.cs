using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Commands;

/// <summary>Files that are no files: a pipe that nobody writes to must not be waited for, a device must not be replaced.</summary>
public class NamedFileTests
{
    private static readonly string Image = Path.Combine(Repository.Fashion, "images", "00_t-shirt-top.raw");

    [Theory]
    [InlineData("CAPSULE1002", "compile", "PIPE")]
    [InlineData("CAPSULE1002", "run", "MODEL", "--input", "PIPE")]
    [InlineData("CAPSULE1002", "run", "MODEL", "--input", "IMAGE", "--truth", "PIPE")]
    [InlineData("CAPSULE1002", "eval", "MODEL", "--inputs", "IMAGE", "--labels", "PIPE")]
    [InlineData("CAPSULE4001", "eval", "MODEL", "--inputs", "IMAGE", "--golden", "PIPE")]
    [InlineData("CAPSULE4001", "test", "MODEL", "--golden", "PIPE")]
    [InlineData("CAPSULE1002", "load", "PIPE")]
    [InlineData("CAPSULE1002", "build", "PIPE")]
    [InlineData("CAPSULE1002", "build", "PROJECT", "--key", "PIPE")]
    [InlineData("CAPSULE1002", "verify", "fashion:1", "--root-key", "PIPE")]
    [InlineData("CAPSULE1002", "verify", "fashion:1", "--key-list", "PIPE")]
    public async Task A_pipe_is_refused_and_not_waited_for(string code, params string[] arguments)
    {
        Repository.RequireRunner();
        using Tool tool = await Tool.WithKeysAsync();
        string pipe = tool.File("pipe");
        using (Process make = Process.Start("mkfifo", [pipe]))
        {
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, make.ExitCode);
        }

        string[] named = Array.ConvertAll(arguments, argument => argument switch
        {
            "PIPE" => pipe,
            "MODEL" => Repository.FashionModel,
            "IMAGE" => Image,
            "PROJECT" => Repository.FashionV1,
            _ => argument,
        });
        Task<ToolResult> run = Task.Run(() => tool.RunAsync(named), TestContext.Current.CancellationToken);
        ToolResult result = await run.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Contains("pipe", result.Failed(3, code), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_is_never_replaced()
    {
        using var tool = new Tool();
        (await tool.RunAsync("compile", Repository.FashionModel, "-o", "/dev/nfr-no-such-device")).Failed(2, "CAPSULE1003");
        Assert.False(File.Exists("/dev/nfr-no-such-device"));
    }

    [Theory]
    [InlineData("compile", "MODEL", "-o", "FOLDER")]
    [InlineData("save", "fashion:1", "-o", "FOLDER")]
    public async Task A_folder_is_never_replaced(params string[] arguments)
    {
        using var tool = new Tool();
        string folder = Directory.CreateDirectory(tool.File("out")).FullName;
        string[] named = Array.ConvertAll(arguments, argument => argument switch { "MODEL" => Repository.FashionModel, "FOLDER" => folder, _ => argument });
        Assert.Contains("is a folder", (await tool.RunAsync(named)).Failed(2, "CAPSULE1003"), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public async Task A_home_that_is_a_file_is_named()
    {
        using var tool = new Tool();
        string file = tool.Write("home", "x");
        Assert.Contains(file, (await tool.RunAsync("images")).Failed(2, "CAPSULE1003"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_golden_file_that_is_none_is_named()
    {
        using var tool = new Tool();
        string golden = tool.Write("broken.json", "{");
        Assert.Contains("broken.json", (await tool.RunAsync("test", Repository.FashionModel, "--golden", golden)).Failed(3, "CAPSULE4001"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_to_nothing_is_named()
    {
        using var tool = new Tool();
        string link = tool.File("link.tflite");
        File.CreateSymbolicLink(link, "nowhere");
        Assert.Contains("nowhere", (await tool.RunAsync("compile", link)).Failed(3, "CAPSULE1002"), StringComparison.Ordinal);
    }
}
