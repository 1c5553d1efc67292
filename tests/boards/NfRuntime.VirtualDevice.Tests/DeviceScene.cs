using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Fleet.Broker;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images.Building;
using NfRuntime.Images.Oci;
using NfRuntime.Mosquitto;
using Xunit;

namespace NfRuntime.VirtualDevice.Tests;

/// <summary>A real broker, two signed images, an operator, and a device as a process.</summary>
public sealed class DeviceScene : IAsyncLifetime
{
    public const string Tenant = "tests";
    public const string Name = "gateway-01";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nfr-device-");
    private readonly List<Process> _processes = [];
    private BrokerFolder? _folderOfBroker;
    private BrokerProcess? _broker;
    private MosquittoTls _tls = null!;

    internal Operator Operator { get; private set; } = null!;

    internal ImageStore Store { get; private set; } = null!;

    /// <summary>What the device printed.</summary>
    internal ConcurrentQueue<string> Lines { get; } = new();

    internal string StateFolder => Path.Combine(_folder.FullName, "state");

    private string Home => Path.Combine(_folder.FullName, "home");

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/mosquitto"), "mosquitto is not installed: the served device was not tested");
        await Checkout.CapsuleAsync(Home, "keygen");
        await Checkout.CapsuleAsync(Home, "build", Path.Combine(Checkout.Root, "samples", "fashion", "v1"), "-t", "fashion:1");
        Store = new ImageStore(Path.Combine(Home, "images"));
        _folderOfBroker = BrokerFolder.OpenOrCreate(Path.Combine(_folder.FullName, "broker"));
        MosquittoTls controller = _folderOfBroker.IssueFiles(BrokerIdentity.Controller(Tenant, "main"));
        MosquittoTls distributor = _folderOfBroker.IssueFiles(BrokerIdentity.Distributor(Tenant, "x"));
        _tls = _folderOfBroker.IssueFiles(BrokerIdentity.Device(Tenant, Name));
        _broker = await BrokerProcess.StartAsync(_folderOfBroker, TestContext.Current.CancellationToken);
        Operator = new Operator(Tenant, _broker.Port, controller, distributor, Store);
        await Operator.SendKeysAsync(await File.ReadAllBytesAsync(Path.Combine(Home, "keys", "keys.nfrk"), TestContext.Current.CancellationToken));
    }

    /// <summary>Builds a version of the sample.</summary>
    internal Task BuildAsync(string version, string tag) => Checkout.CapsuleAsync(Home, "build", Path.Combine(Checkout.Root, "samples", "fashion", version), "-t", tag);

    /// <summary>Starts the device.</summary>
    internal Process Start(params string[] more) => Start(Name, _tls, more);

    /// <summary>Starts other devices, a process each.</summary>
    internal async Task<Dictionary<string, Process>> StartAsync(IEnumerable<string> names, params string[] more)
    {
        Dictionary<string, MosquittoTls> files = names.ToDictionary(name => name, name => _folderOfBroker!.IssueFiles(BrokerIdentity.Device(Tenant, name)));
        await _broker!.ReloadAsync(TestContext.Current.CancellationToken);
        return files.ToDictionary(file => file.Key, file => Start(file.Key, file.Value, more));
    }

    private Process Start(string name, MosquittoTls tls, string[] more)
    {
        string[] arguments =
        [
            "serve", "--name", name, "--board", Checkout.Board, "--state-dir", StateFolder, "--root-key", Path.Combine(Home, "keys", "root.pub"),
            "--broker", $"127.0.0.1:{_broker!.Port}", "--tenant", Tenant, "--cert", tls.CertificateFile!, "--key", tls.KeyFile!, "--ca", tls.CaFile, .. more,
        ];
        Process process = Process.Start(new ProcessStartInfo(Checkout.Device, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _processes.Add(process);
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>A desired document with this image alone.</summary>
    internal DesiredDocument Desired(ulong generation, string image, DesiredConfirm confirm)
    {
        CapsuleVariant variant = Variant(image);
        Descriptor manifest = variant.Layers[0];
        return new DesiredDocument(generation, [new DesiredCapsule(variant.Manifest.Name, manifest.Digest, (int)manifest.Size, DesiredMode.Serve, confirm, 0, null, [])]);
    }

    /// <summary>What a device that has nothing of it fetches: manifest and sections.</summary>
    internal long PayloadBytes(string image) => Variant(image).Layers.Sum(layer => layer.Size);

    /// <summary>SIGTERM, and its exit code.</summary>
    internal static async Task<int> TerminateAsync(Process process)
    {
        using Process kill = Process.Start("kill", [$"{process.Id}"]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Process process in _processes)
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            process.Dispose();
        }

        Operator?.Dispose();
        if (_broker is not null)
        {
            await _broker.StopAsync();
            _broker.Dispose();
        }

        _folderOfBroker?.Dispose();
        _folder.Delete(recursive: true);
    }

    private CapsuleVariant Variant(string image) => CapsuleImage.Read(Store, Store.Find(image).Root).Variants.Single(v => v.Target == "host");

    private void Take(string? line)
    {
        if (line is not null)
        {
            Lines.Enqueue(line);
        }
    }
}
