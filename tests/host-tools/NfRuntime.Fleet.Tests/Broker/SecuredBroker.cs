using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using NfRuntime.Fleet.Broker;
using NfRuntime.Fleet.Tests.Mosquitto;
using NfRuntime.Mosquitto;
using Xunit;

namespace NfRuntime.Fleet.Tests.Broker;

/// <summary>A real mosquitto on a folder of ours, and clients with certificates of ours.</summary>
public sealed class SecuredBroker : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nfr-broker-");
    private readonly List<Recorder> _clients = [];

    internal BrokerFolder Folder { get; private set; } = null!;

    internal BrokerProcess Process { get; private set; } = null!;

    internal static BrokerIdentity Device(string name, string tenant = "acme") => BrokerIdentity.Device(tenant, name);

    internal static BrokerIdentity Controller(string tenant = "acme") => BrokerIdentity.Controller(tenant, "main");

    internal static BrokerIdentity Distributor(string name = "x", string tenant = "acme") => BrokerIdentity.Distributor(tenant, name);

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/mosquitto"), "mosquitto is not installed: the broker was not tested");
        Folder = BrokerFolder.OpenOrCreate(_folder.FullName);
        Process = await BrokerProcess.StartAsync(Folder, TestContext.Current.CancellationToken);
    }

    /// <summary>Lets these in, with certificates and keys on disk.</summary>
    internal async Task<MosquittoTls[]> Admit(params BrokerIdentity[] identities)
    {
        MosquittoTls[] files = Array.ConvertAll(identities, Folder.IssueFiles);
        await Process.ReloadAsync(TestContext.Current.CancellationToken);
        return files;
    }

    /// <summary>A client that has tried to connect.</summary>
    internal Recorder Connect(MosquittoTls? tls, string clientId = "any", Func<MosquittoOptions, MosquittoOptions>? change = null)
    {
        var options = new MosquittoOptions { Host = "127.0.0.1", Port = Process.Port, ClientId = clientId, Tls = tls };
        var client = new Recorder(change?.Invoke(options) ?? options);
        _clients.Add(client);
        return client.Connect();
    }

    internal async Task Restart()
    {
        Process.Dispose();
        Process = await BrokerProcess.StartAsync(Folder, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(c => c.Dispose());
        if (Process is not null)
        {
            await Process.StopAsync();
            Assert.True(Process.HasExited);
            Process.Dispose();
        }

        Folder?.Dispose();
        _folder.Delete(recursive: true);
    }
}
