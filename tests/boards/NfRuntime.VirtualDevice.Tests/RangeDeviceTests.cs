using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images.Store;
using Xunit;

namespace NfRuntime.VirtualDevice.Tests;

/// <summary>Real devices on a real broker whose desired documents name a registry that answers wrongly, each in a way of its own.</summary>
public sealed class RangeDeviceTests(ITestOutputHelper output) : IAsyncDisposable
{
    private const long MaxGrowth = 48 << 20;
    private readonly DeviceScene _scene = new();
    private HostileRegistry? _registry;

    [Fact]
    [Trait("Speed", "long")]
    public async Task Whatever_a_registry_answers_the_confirmed_capsule_serves_and_blocks_bring_the_rest()
    {
        await _scene.InitializeAsync();
        await _scene.BuildAsync("v2", "fashion:2");
        _registry = new HostileRegistry(_scene.Store);
        string[] kinds = [.. _registry.Kinds];
        Dictionary<string, Process> devices = await _scene.StartAsync(kinds, "--input", Checkout.Images, "--rate", "20");
        foreach (string kind in kinds)
        {
            await _scene.Operator.SendDesiredAsync(kind, _scene.Desired(1, "fashion:1", DesiredConfirm.Now));
        }

        Dictionary<string, (uint Blocks, long Answers, long Peak)> before = [];
        foreach (string kind in kinds)
        {
            StateDocument state = await _scene.Operator.UntilAsync(kind, s => IsConfirmed(s, "1.0.0"), "fashion:1");
            await UntilAsync(() => Answers(kind, "1.0.0") > 3, $"{kind} answers");
            before[kind] = ((uint)state.Received.Bytes, Answers(kind, "1.0.0"), PeakBytes(devices[kind]));
        }

        foreach (string kind in kinds)
        {
            await _scene.Operator.SendDesiredAsync(kind, _scene.Desired(2, "fashion:2", DesiredConfirm.Now) with { Registry = _registry.Url(kind) });
        }

        long whole = _scene.PayloadBytes("fashion:2");
        foreach (string kind in kinds)
        {
            StateDocument state = await _scene.Operator.UntilAsync(kind, s => IsConfirmed(s, "2.0.0"), $"fashion:2 ({kind})");
            long blocks = (long)state.Received.Bytes - before[kind].Blocks;
            long growth = PeakBytes(devices[kind]) - before[kind].Peak;
            long served = Answers(kind, "1.0.0") - before[kind].Answers;
            output.WriteLine($"{kind,-10} {_registry.Requests(kind),3} requests, {blocks,6} of {whole} B as blocks, {served,3} answers of fashion:1 meanwhile, peak memory + {growth >> 10} KiB");
            bool isEnough = kind is "good" or "endless" or "longer"; // what comes behind a range is not read
            Assert.InRange(blocks, isEnough ? 0 : 1, isEnough ? 0 : whole);
            Assert.True(_registry.Requests(kind) >= 3, $"{kind}: {_registry.Requests(kind)} requests");
            Assert.True(kind == "good" || served > 3, $"{kind}: fashion:1 answered {served} times in the meantime");
            Assert.True(growth < MaxGrowth, $"{kind}: {growth} bytes more");
            await UntilAsync(() => Answers(kind, "2.0.0") > 0, $"{kind} answers with fashion:2");
        }

        Assert.InRange((long)_scene.Operator.States["dying"].Received.Bytes - before["dying"].Blocks, 1, whole - 4096); // what had come stayed
        Assert.True(await _registry.EndedByClient.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken), "an endless body was read on");
        Assert.Empty(_registry.Inside.Requests);
    }

    public async ValueTask DisposeAsync()
    {
        await _scene.DisposeAsync();
        if (_registry is not null)
        {
            await _registry.DisposeAsync();
        }
    }

    private static bool IsConfirmed(StateDocument state, string version) =>
        state.Capsules.Any(capsule => capsule.In(VersionPlace.Confirmed) is { State: VersionState.Confirmed } confirmed && confirmed.Version == version);

    private static long PeakBytes(Process process)
    {
        string line = File.ReadLines($"/proc/{process.Id}/status").Single(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) << 10;
    }

    private long Answers(string device, string version) => _scene.Lines.Count(line =>
        line.Contains($"\"device\":\"{device}\",\"event\":\"inference\"", StringComparison.Ordinal) && line.Contains($"\"version\":\"{version}\"", StringComparison.Ordinal));

    private async Task UntilAsync(Func<bool> isSo, string what)
    {
        for (var waited = Stopwatch.StartNew(); !isSo(); await Task.Delay(20, TestContext.Current.CancellationToken))
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(30), $"no {what}\n{string.Join('\n', _scene.Lines.TakeLast(30))}");
        }
    }
}
