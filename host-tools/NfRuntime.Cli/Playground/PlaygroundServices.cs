using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Keys;
using NfRuntime.Cli.Output;
using NfRuntime.Cli.Registry;
using NfRuntime.Fleet;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Broker;
using NfRuntime.Fleet.Control;
using NfRuntime.Fleet.Distribution;
using NfRuntime.Images.Registry;
using NfRuntime.Images.Signing;
using NfRuntime.Mosquitto;

namespace NfRuntime.Cli.Playground;

/// <summary>The services of a playground, each in a process of its own that capsule up started.</summary>
internal sealed class PlaygroundServices(PlaygroundFolder folder, ToolConsole console)
{
    public static BrokerIdentity ControllerIdentity { get; } = BrokerIdentity.Controller(PlaygroundStarter.Tenant, "controller");

    /// <summary>The distributors' names.</summary>
    public static string[] DistributorNames(int count) => [.. Enumerable.Range(1, count).Select(i => $"distributor-{i}")];

    /// <exception cref="ToolException">It is no name.</exception>
    public static BrokerIdentity DistributorIdentity(string name) => BrokerIdentity.IsName(name)
        ? BrokerIdentity.Distributor(PlaygroundStarter.Tenant, name)
        : throw new ToolException(ErrorCodes.OptionValue, $"--name: \"{name}\" is no distributor of the playground.", "distributor-1, distributor-2, …");

    /// <summary>It has the broker's folder from now on: it signs devices' certificates and writes their access rules.</summary>
    public async Task RunControllerAsync(CancellationToken cancellation)
    {
        PlaygroundSettings settings = Settings();
        using BrokerFolder broker = BrokerFolder.OpenOrCreate(folder.Broker, new BrokerSettings { Port = settings.BrokerPort });
        await FleetHost.RunControllerAsync(
            new ControllerHostOptions
            {
                Controller = new ControllerOptions
                {
                    Tenant = PlaygroundStarter.Tenant,
                    DeltaFolder = folder.Deltas,
                    Registry = settings.Registry?.Url,
                    RootKey = KeyFiles.LoadPublic(KeyFiles.PublicPath(Path.Combine(folder.Home.Keys, KeyStore.RootName))),
                },
                Database = folder.Database,
                ImageStore = folder.Home.Images,
                Broker = Connection(settings, ControllerIdentity),
                Api = new ApiOptions { Port = settings.ApiPort, Token = settings.Token },
                BrokerFolder = broker,
                Log = sentence => Log(console, sentence),
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>What neither the image store nor the controller's deltas have comes from the registry, with its login: devices have none.</summary>
    public async Task RunDistributorAsync(string name, CancellationToken cancellation)
    {
        PlaygroundSettings settings = Settings();
        using RegistryBlobSource? registry = settings.Registry?.Open(RegistryOptionSet.Logins(folder.Home));
        await FleetHost.RunDistributorAsync(
            new DistributorHostOptions
            {
                Distributor = new DistributorOptions { Tenant = PlaygroundStarter.Tenant, Name = name },
                Broker = Connection(settings, DistributorIdentity(name)),
                Layouts = [folder.Home.Images, folder.Deltas],
                Behind = registry is null ? null : new RegistrySource(registry),
                Log = sentence => Log(console, sentence),
            },
            cancellation).ConfigureAwait(false);
    }

    private PlaygroundSettings Settings() => folder.ReadSettings() ?? throw new ToolException(ErrorCodes.PlaygroundFailed, $"There is no playground in {folder.Root}.", "capsule up makes one.");

    private MosquittoOptions Connection(PlaygroundSettings settings, BrokerIdentity identity)
    {
        string name = Path.Combine(folder.Broker, "clients", identity.UserName);
        return new MosquittoOptions
        {
            Host = "127.0.0.1",
            Port = settings.BrokerPort,
            ClientId = identity.UserName,
            Tls = new MosquittoTls(Path.Combine(folder.Broker, "ca.crt"), name + ".crt", name + ".key"),
        };
    }

    /// <summary>A line of a service's log.</summary>
    public static void Log(ToolConsole console, string sentence) => console.Line($"{DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)} {sentence}");
}
