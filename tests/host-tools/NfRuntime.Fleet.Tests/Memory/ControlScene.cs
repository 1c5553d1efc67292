using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Control;
using NfRuntime.Fleet.Data;
using NfRuntime.Images.Oci;

namespace NfRuntime.Fleet.Tests.Memory;

/// <summary>A controller and devices around one broker, on virtual time.</summary>
internal sealed class ControlScene : IDisposable
{
    private const int StepMs = 20;
    private readonly string _folder = Directory.CreateTempSubdirectory("nfr-fleet-").FullName;
    private FleetDatabase? _database;

    private readonly Func<ControllerOptions, ControllerOptions> _change;

    /// <param name="change">Of the controller's options; null: none.</param>
    public ControlScene(Func<ControllerOptions, ControllerOptions>? change = null)
    {
        _change = change ?? (options => options);
        Store = new ImageStore(Path.Combine(_folder, "images"));
        Start();
    }

    public MemoryBroker Broker { get; } = new() { IsRecording = true };

    public ImageStore Store { get; }

    public FleetController Controller { get; private set; } = null!;

    public MemoryClient Mqtt { get; private set; } = null!;

    public List<FakeDevice> Devices { get; } = [];

    public List<string> Log { get; } = [];

    public FleetDatabase Data => _database!;

    public string DeltaFolder => Path.Combine(_folder, "deltas");

    public string Database { get; set; } = "fleet.db";

    /// <summary>The controller's process dies: nothing is saved, nothing is said.</summary>
    public void Kill()
    {
        Mqtt.Cut();
        _database!.RollBack();
        _database.Dispose();
    }

    /// <summary>The controller's process dies, and its database is saved under another name before it starts again.</summary>
    public void SaveDatabase(string name)
    {
        Kill();
        File.Copy(Path.Combine(_folder, Database), Path.Combine(_folder, name));
        Start();
    }

    public void Start()
    {
        _database = new FleetDatabase(Path.Combine(_folder, Database));
        Mqtt = Broker.Client("controller");
        var options = new ControllerOptions { Tenant = "t", DeltaFolder = DeltaFolder, RootKey = SampleImages.Root.PublicKey };
        Controller = new FleetController(_change(options), _database, Mqtt, Store, () => Broker.Now, () => 0.5, Log.Add);
        Run(1000);
    }

    public FakeDevice AddDevice(string name, NfRuntime.Fleet.Protocol.CapabilityDocument? capabilities = null)
    {
        var device = new FakeDevice(Broker.Client(name), name, capabilities);
        Devices.Add(device);
        Run(500);
        return device;
    }

    public void Run(long ms)
    {
        for (long end = Broker.Now + ms; Broker.Now < end; Broker.Now += StepMs)
        {
            Controller.Step();
            Devices.ForEach(d => d.Step());
        }
    }

    public DeploymentView Deploy(string image, params string[] to)
    {
        DeploymentView view = Controller.Deploy(new DeploymentRequest { Image = image, To = to });
        Run(500);
        return Controller.Deployment(view.Id)!;
    }

    public DeploymentDeviceView Of(DeploymentView view, string device) => Controller.Deployment(view.Id)!.Devices.Single(d => d.Device == device);

    public void Dispose()
    {
        Controller.Dispose();
        _database?.Dispose();
        Mqtt.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
