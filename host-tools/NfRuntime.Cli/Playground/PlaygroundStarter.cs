using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Commands;
using NfRuntime.Cli.Devices;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Keys;
using NfRuntime.Cli.Output;
using NfRuntime.Fleet.Broker;

namespace NfRuntime.Cli.Playground;

/// <summary>What a playground is to be.</summary>
/// <param name="Devices">How many.</param>
/// <param name="Distributors">How many.</param>
/// <param name="Board">Path of a board.json.</param>
/// <param name="Inputs">Files or folders with samples.</param>
/// <param name="Rate">Samples a second and device.</param>
/// <param name="Registry">Where blobs are, too; or null.</param>
internal sealed record PlaygroundPlan(int Devices, int Distributors, string Board, IReadOnlyList<string> Inputs, double Rate, PlaygroundRegistry? Registry);

/// <summary>
/// Starts broker, controller, distributor and devices on loopback, one after the other, each when the one before is ready. What fails
/// ends what was started.
/// </summary>
internal sealed class PlaygroundStarter(CommandContext context, PlaygroundFolder folder, PlaygroundPlan plan)
{
    public const string Tenant = "playground";
    public const string DevicePrefix = "gateway";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PatienceADevice = TimeSpan.FromMilliseconds(500); // they enrol one after the other
    private readonly List<ChildProcess> _started = [];

    /// <summary>Starts all of it.</summary>
    /// <exception cref="ToolException">Something did not start; nothing of it runs any more.</exception>
    public async Task RunAsync()
    {
        try
        {
            PlaygroundSettings settings = Settings();
            await TimedAsync("broker", () => StartBrokerAsync(settings)).ConfigureAwait(false);
            settings = folder.ReadSettings()!;
            var fleet = new FleetContext(new Uri($"http://127.0.0.1:{settings.ApiPort}/"), settings.Token, null);
            FleetContext.WriteFile(folder.Context, fleet);
            using var client = new FleetClient(fleet);
            await TimedAsync("controller", () => StartControllerAsync(client)).ConfigureAwait(false);
            await TimedAsync("distributor", StartDistributorAsync).ConfigureAwait(false);
            await TimedAsync("devices", () => StartDevicesAsync(client)).ConfigureAwait(false);
        }
        catch
        {
            await new PlaygroundStopper(folder).RunAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The devices' names.</summary>
    public static IEnumerable<string> DeviceNames(int count) => Enumerable.Range(1, count)
        .Select(i => $"{DevicePrefix}-{i.ToString(CultureInfo.InvariantCulture).PadLeft(Math.Max(2, count.ToString(CultureInfo.InvariantCulture).Length), '0')}");

    // Ports and token stay: devices that enrolled find their broker again.
    private PlaygroundSettings Settings()
    {
        PlaygroundSettings? before = folder.ReadSettings();
        var settings = new PlaygroundSettings(
            before?.BrokerPort ?? 0,
            before is { ApiPort: > 0 } && IsFree(before.ApiPort) ? before.ApiPort : FreePort(),
            before?.Token ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)),
            plan.Devices,
            plan.Board,
            plan.Registry);
        folder.WriteSettings(settings);
        return settings;
    }

    private async Task<string> StartBrokerAsync(PlaygroundSettings settings)
    {
        int wanted = settings.BrokerPort > 0 && IsFree(settings.BrokerPort) ? settings.BrokerPort : 0;
        using BrokerFolder broker = BrokerFolder.OpenOrCreate(folder.Broker, new BrokerSettings { Port = wanted });
        try
        {
            broker.IssueFiles(PlaygroundServices.ControllerIdentity);
            foreach (string name in PlaygroundServices.DistributorNames(plan.Distributors))
            {
                broker.IssueFiles(PlaygroundServices.DistributorIdentity(name));
            }

            using BrokerProcess process = await BrokerProcess.StartAsync(broker, context.Cancellation).ConfigureAwait(false);
            Started(ChildProcess.Of("broker", process.ProcessId));
            folder.WriteSettings(settings with { BrokerPort = process.Port });
            return $"127.0.0.1:{process.Port} (TLS, certificates, ACLs)";
        }
        catch (BrokerException e)
        {
            throw new ToolException(ErrorCodes.PlaygroundFailed, $"The broker does not start: {e.Message.TrimEnd('.')}.", "Debian: apt-get install mosquitto libmosquitto1. Its log: " + Path.Combine(folder.Broker, "mosquitto.log"), e);
        }
    }

    private async Task<string> StartControllerAsync(FleetClient client)
    {
        StartSelf("controller", "controller");
        await ReadyAsync("controller", async () => (await client.HealthAsync(context.Cancellation).ConfigureAwait(false)).Broker, "it is not connected to the broker").ConfigureAwait(false);
        var keys = new KeyStore(folder.Home.Keys, context.Environment);
        await client.PutKeysAsync(await File.ReadAllBytesAsync(keys.KeyListPath, context.Cancellation).ConfigureAwait(false), context.Cancellation).ConfigureAwait(false);
        return $"{client.Url.ToString().TrimEnd('/')}   images of {folder.Home.Images}";
    }

    private Task<string> StartDistributorAsync()
    {
        foreach (string name in PlaygroundServices.DistributorNames(plan.Distributors))
        {
            StartSelf("distributor", name, "--name", name);
        }

        string others = plan.Registry is { } registry ? $"; devices ask {registry.Repository} first" : string.Empty;
        return Task.FromResult((plan.Distributors == 1 ? "blocks over MQTT" : $"blocks over MQTT, {plan.Distributors} of them share the blobs") + others);
    }

    private async Task<string> StartDevicesAsync(FleetClient client)
    {
        string[] names = [.. DeviceNames(plan.Devices)];
        var tokens = new List<string>();
        foreach (string name in names.Where(name => !File.Exists(Path.Combine(folder.Devices, name, "identity.json"))))
        {
            tokens.Add(await ClaimAsync(client, name).ConfigureAwait(false));
        }

        AtomicFile.WritePrivate(folder.Tokens, System.Text.Encoding.ASCII.GetBytes(string.Join('\n', tokens)));
        // After a crash the controller still knows them as online: only a new boot counts.
        Dictionary<string, long?> before = (await client.DevicesAsync(context.Cancellation).ConfigureAwait(false)).ToDictionary(device => device.Device, device => device.BootId);
        string program = VirtualDevice.Find(context.Environment);
        List<string> arguments =
        [
            "serve", "--name", plan.Devices == 1 ? names[0] : DevicePrefix, "--count", $"{plan.Devices}", "--board", plan.Board, "--state-dir", folder.Devices,
            "--root-key", new KeyStore(folder.Home.Keys, context.Environment).RootPublicPath,
            "--enrol", client.Url.ToString(), "--token-file", folder.Tokens, "--broker", $"127.0.0.1:{folder.ReadSettings()!.BrokerPort}",
        ];
        if (plan.Inputs.Count > 0)
        {
            arguments.AddRange(["--rate", plan.Rate.ToString(CultureInfo.InvariantCulture), "--input", .. plan.Inputs]);
        }

        if (plan.Registry is { PlainHttp: true })
        {
            arguments.Add("--plain-http");
        }

        Started(ChildProcess.Start("devices", folder.Log("devices"), folder.Home.Root, program, [.. arguments]));
        await ReadyAsync(
            "devices",
            async () => (await client.DevicesAsync(context.Cancellation).ConfigureAwait(false))
                .Count(device => device.Online && names.Contains(device.Device) && device.BootId != before.GetValueOrDefault(device.Device)) == names.Length,
            "not all of them are online").ConfigureAwait(false);
        File.Delete(folder.Tokens);
        return names.Length == 1 ? names[0] : $"{names[0]} … {names[^1]}";
    }

    // A device that enrolled and then lost its folder is let in anew.
    private async Task<string> ClaimAsync(FleetClient client, string name)
    {
        const int Minutes = 5;
        try
        {
            return (await client.ClaimAsync(name, Minutes, context.Cancellation).ConfigureAwait(false)).Token;
        }
        catch (ToolException e) when (e.Code == ErrorCodes.FleetConflict)
        {
            await client.RetireAsync(name, context.Cancellation).ConfigureAwait(false);
            return (await client.ClaimAsync(name, Minutes, context.Cancellation).ConfigureAwait(false)).Token;
        }
    }

    // This tool again, as one of the fleet's services.
    private void StartSelf(string role, string name, params ReadOnlySpan<string> more)
    {
        string program = Environment.ProcessPath!;
        string[] prefix = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Path.Combine(AppContext.BaseDirectory, "capsule.dll")] : [];
        Started(ChildProcess.Start(name, folder.Log(name), folder.Home.Root, program, [.. prefix, "fleet", role, .. more]));
    }

    private void Started(ChildProcess process)
    {
        _started.Add(process);
        folder.WriteProcesses(_started);
    }

    private async Task ReadyAsync(string name, Func<Task<bool>> isReady, string otherwise)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(50, context.Cancellation).ConfigureAwait(false))
        {
            try
            {
                if (await isReady().ConfigureAwait(false))
                {
                    return;
                }
            }
            catch (ToolException e) when (e.Code == ErrorCodes.FleetAbsent)
            {
                // It does not listen yet.
            }

            bool hasEnded = !_started[^1].IsAlive;
            if (hasEnded || waited.Elapsed > Patience + (plan.Devices * PatienceADevice))
            {
                string why = hasEnded ? "it has ended" : otherwise;
                throw new ToolException(ErrorCodes.PlaygroundFailed, $"The {name} did not get ready: {why}. {LogTail.Of(folder.Log(name))}".TrimEnd(), $"The whole log: {folder.Log(name)}");
            }
        }
    }

    private async Task TimedAsync(string step, Func<Task<string>> start)
    {
        var time = Stopwatch.StartNew();
        string text = await start().ConfigureAwait(false);
        context.Console.Line($" {step,-12} {text,-64} {time.Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
