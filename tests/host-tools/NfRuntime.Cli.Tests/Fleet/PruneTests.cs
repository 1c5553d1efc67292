using System;
using System.IO;
using System.Text.Json;
using System.Threading.Tasks;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Fleet;

public class PruneTests
{
    [Fact]
    public async Task Only_what_no_tag_needs_goes_and_a_dry_run_takes_nothing()
    {
        using Tool tool = await Tool.WithKeysAsync();
        Repository.RequireRunner();
        (await tool.RunAsync("build", Repository.FashionV1, "-t", "fashion:1")).Succeeded();
        Assert.Equal(" Nothing to remove.\n", (await tool.RunAsync("prune")).Succeeded());

        // A half-written blob and one that belongs to no image.
        string blobs = Path.Combine(tool.Home, "images", "blobs", "sha256");
        await File.WriteAllBytesAsync(Path.Combine(blobs, new string('a', 64)), new byte[100], TestContext.Current.CancellationToken);
        int files = Directory.GetFiles(blobs).Length;
        Assert.Contains("0 images, 1 blob, 100 B would be freed", (await tool.RunAsync("prune", "--dry-run")).Succeeded(), StringComparison.Ordinal);
        Assert.Equal(files, Directory.GetFiles(blobs).Length);
        using JsonDocument json = JsonDocument.Parse((await tool.RunAsync("prune", "--json")).Succeeded());
        Assert.Equal(100, json.RootElement.GetProperty("bytes").GetInt64());
        Assert.Equal(files - 1, Directory.GetFiles(blobs).Length);
        (await tool.RunAsync("verify", "fashion:1")).Succeeded();
    }
}
