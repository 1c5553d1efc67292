using System;
using System.Diagnostics;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images.Store;
using Xunit;

namespace NfRuntime.VirtualDevice.Tests;

public sealed class ServedDeviceTests : IAsyncDisposable
{
    private readonly DeviceScene _scene = new();

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task A_capsule_comes_over_mqtt_is_tested_confirmed_and_answers_and_stays_through_a_restart()
    {
        await _scene.InitializeAsync();
        Process device = _scene.Start("--input", Checkout.Images, "--rate", "50");
        await _scene.Operator.SendDesiredAsync(DeviceScene.Name, _scene.Desired(1, "fashion:1", DesiredConfirm.Now));
        StateDocument state = await _scene.Operator.UntilAsync(DeviceScene.Name, IsConfirmed, "confirmed");
        Assert.Equal(1u, state.ObservedGeneration);
        Assert.Equal(0u, state.Received.Bad);
        Assert.Equal("host", _scene.Operator.Capabilities[DeviceScene.Name].Target);
        JsonElement answer = await UntilLineAsync("inference");
        Assert.Equal(("fashion", "1.0.0"), (answer.GetProperty("capsule").GetString(), answer.GetProperty("version").GetString()));
        Assert.InRange(answer.GetProperty("decision").GetInt32(), 0, 9);

        // Off and on again: nothing is fetched, and the broker knew that it was away.
        Assert.Equal(0, await DeviceScene.TerminateAsync(device));
        await UntilAsync(() => !_scene.Operator.Online[DeviceScene.Name].Online, "the will");
        long served = _scene.Operator.Served;
        uint boot = state.BootId;
        _scene.Start("--input", Checkout.Images, "--rate", "50");
        await _scene.Operator.UntilAsync(DeviceScene.Name, s => s.BootId != boot && IsConfirmed(s), "confirmed after a restart");
        Assert.Equal(served, _scene.Operator.Served);
    }

    [Theory]
    [InlineData("--drop", "0.3")]
    [InlineData("--corrupt", "0.2")]
    [InlineData("--cut-after", "60", "--cuts", "5")]
    public async Task A_bad_link_and_power_cuts_only_cost_time(params string[] faults)
    {
        await _scene.InitializeAsync();
        _scene.Start([.. faults, "--seed", "7", "--quiet"]);
        await _scene.Operator.SendDesiredAsync(DeviceScene.Name, _scene.Desired(1, "fashion:1", DesiredConfirm.Now));
        StateDocument state = await _scene.Operator.UntilAsync(DeviceScene.Name, IsConfirmed, "confirmed");
        int cuts = _scene.Lines.Count(line => line.Contains("\"event\":\"power-cut\"", StringComparison.Ordinal));
        Assert.Equal(faults[0] == "--cut-after", cuts > 0);
        Assert.Equal(faults[0] == "--corrupt", state.Received.Bad > 0);
    }

    private static bool IsConfirmed(StateDocument state) => state.Capsules.Any(capsule => capsule.In(VersionPlace.Confirmed) is { State: VersionState.Confirmed });

    private async Task<JsonElement> UntilLineAsync(string name)
    {
        JsonElement found = default;
        await UntilAsync(
            () =>
            {
                string? line = _scene.Lines.FirstOrDefault(text => text.Contains($"\"event\":\"{name}\"", StringComparison.Ordinal));
                found = line is null ? default : JsonDocument.Parse(line).RootElement;
                return line is not null;
            },
            name);
        return found;
    }

    private async Task UntilAsync(Func<bool> isSo, string what)
    {
        for (var waited = Stopwatch.StartNew(); !isSo(); await Task.Delay(20, TestContext.Current.CancellationToken))
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(30), $"no {what}\n{string.Join('\n', _scene.Lines)}");
        }
    }
}
