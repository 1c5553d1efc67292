using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using NfRuntime.Fleet.Broker;
using NfRuntime.Fleet.Tests.Mosquitto;
using NfRuntime.Mosquitto;
using Xunit;

namespace NfRuntime.Fleet.Tests.Broker;

/// <summary>Who gets in at all, on a real broker.</summary>
public sealed class CredentialTests(SecuredBroker broker) : IClassFixture<SecuredBroker>
{
    [Fact]
    public async Task Without_a_certificate_without_TLS_or_with_a_password_nobody_gets_in()
    {
        MosquittoTls good = (await broker.Admit(SecuredBroker.Device("plain")))[0];
        Refused(broker.Connect(new MosquittoTls(good.CaFile)));
        Refused(broker.Connect(new MosquittoTls(good.CaFile), change: o => o with { User = "plain.acme", Password = "x" }));
        Refused(broker.Connect(null, change: o => o with { ConnectTimeout = TimeSpan.FromSeconds(2) }));
        Accepted(broker.Connect(good));
    }

    [Fact]
    public async Task A_certificate_of_another_authority_with_a_good_name_is_refused()
    {
        MosquittoTls good = (await broker.Admit(SecuredBroker.Device("twin")))[0];
        DirectoryInfo elsewhere = Directory.CreateTempSubdirectory("nfr-other-");
        using (BrokerFolder other = BrokerFolder.OpenOrCreate(elsewhere.FullName))
        {
            MosquittoTls forged = other.IssueFiles(SecuredBroker.Device("twin"));
            Refused(broker.Connect(forged with { CaFile = good.CaFile }));
        }

        elsewhere.Delete(recursive: true);
        Accepted(broker.Connect(good));
    }

    [Fact]
    public async Task A_client_does_not_talk_to_a_broker_of_another_authority_or_another_name()
    {
        MosquittoTls good = (await broker.Admit(SecuredBroker.Device("careful")))[0];
        DirectoryInfo elsewhere = Directory.CreateTempSubdirectory("nfr-other-");
        using (BrokerFolder other = BrokerFolder.OpenOrCreate(elsewhere.FullName))
        {
            Recorder refusing = broker.Connect(good with { CaFile = other.CaFile });
            Refused(refusing);
            Assert.Contains("certificate verify failed", refusing.Client.LastError);
        }

        elsewhere.Delete(recursive: true);
        Accepted(broker.Connect(good, change: o => o with { Host = "localhost" }));
        using var misnamed = new TemporaryFolder();
        using BrokerFolder folder = BrokerFolder.OpenOrCreate(misnamed.Path, new BrokerSettings { Hosts = ["broker.example"] });
        MosquittoTls tls = folder.IssueFiles(SecuredBroker.Device("careful"));
        using BrokerProcess process = await BrokerProcess.StartAsync(folder, TestContext.Current.CancellationToken);
        using var client = new Recorder(Options(process, tls));
        Refused(client.Connect());
        await process.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_expired_certificate_is_refused()
    {
        MosquittoTls good = (await broker.Admit(SecuredBroker.Device("old")))[0];
        Refused(broker.Connect(broker.Folder.IssueTemporary(SecuredBroker.Device("old"), DateTimeOffset.UtcNow.AddMinutes(-1))));
        Accepted(broker.Connect(good));
    }

    [Fact]
    public async Task A_certificate_whose_name_has_no_rights_connects_and_can_do_nothing()
    {
        MosquittoTls stranger = broker.Folder.IssueTemporary(SecuredBroker.Device("stranger"), DateTimeOffset.UtcNow.AddDays(1));
        MosquittoTls[] files = await broker.Admit(SecuredBroker.Controller(), SecuredBroker.Device("known"));
        Recorder controller = broker.Connect(files[0]), known = broker.Connect(files[1]), silent = broker.Connect(stranger);
        controller.Subscribe("#");
        silent.Subscribe("#");
        Assert.Equal(135, silent.Publish("nfr/acme/d/stranger/state", "forged"u8, retain: true));
        known.Publish("nfr/acme/d/known/state", "after"u8);
        Recorder.Until(() => controller.Messages.Count > 0, controller);
        Assert.Equal("after"u8, Assert.Single(controller.Messages).Payload);

        // Its subscription was still there when the controller published: nothing came before the answer to its next request.
        Assert.Equal(135, silent.Publish("nfr/acme/d/stranger/state", "forged"u8));
        Assert.Empty(silent.Messages);
    }

    [Fact]
    public async Task A_withdrawn_identity_that_is_connected_can_do_nothing_more_and_is_cut_off()
    {
        MosquittoTls[] files = await broker.Admit(SecuredBroker.Controller(), SecuredBroker.Device("stolen"), SecuredBroker.Device("honest"));
        Recorder controller = broker.Connect(files[0]), stolen = broker.Connect(files[1]), honest = broker.Connect(files[2]);
        controller.Subscribe("nfr/acme/d/#");
        stolen.Subscribe("nfr/acme/#");
        Assert.Equal(0, stolen.Publish("nfr/acme/d/stolen/state", "before"u8));
        Recorder.Until(() => controller.Messages.Count == 1, controller);

        Assert.True(broker.Folder.Withdraw(SecuredBroker.Device("stolen")));
        await broker.Process.ReloadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(135, stolen.Publish("nfr/acme/d/stolen/state", "forged"u8));
        controller.Publish("nfr/acme/d/stolen/desired", "secret"u8);
        honest.Publish("nfr/acme/d/honest/state", "after"u8);
        Recorder.Until(() => controller.Messages.Any(m => m.Topic.EndsWith("honest/state", StringComparison.Ordinal)), controller);
        Assert.DoesNotContain(controller.Messages, m => m.Payload.AsSpan().SequenceEqual("forged"u8));
        Assert.Equal(135, stolen.Publish("nfr/acme/d/stolen/state", "forged"u8)); // an answer after the secret was published:
        Assert.Empty(stolen.Messages); // it did not come

        await broker.Process.DisconnectAsync(SecuredBroker.Device("stolen"), TestContext.Current.CancellationToken);
        Recorder.Until(() => stolen.Disconnects.Count == 1, stolen);
        Assert.Empty(honest.Disconnects);
    }

    [Fact]
    public async Task What_is_retained_survives_a_stop_and_what_was_saved_survives_a_kill()
    {
        using var own = new TemporaryFolder();
        using BrokerFolder folder = BrokerFolder.OpenOrCreate(own.Path, new BrokerSettings { AutosaveSeconds = 1 });
        MosquittoTls controller = folder.IssueFiles(SecuredBroker.Controller());
        BrokerProcess first = await BrokerProcess.StartAsync(folder, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<BrokerException>(() => BrokerProcess.StartAsync(folder, TestContext.Current.CancellationToken));
        Publish(first, controller, "nfr/acme/d/a/desired");
        await first.StopAsync(TestContext.Current.CancellationToken);
        Assert.Null(BrokerProcess.TryAttach(folder));

        BrokerProcess second = await BrokerProcess.StartAsync(folder, TestContext.Current.CancellationToken);
        Publish(second, controller, "nfr/acme/d/b/desired");
        var database = new FileInfo(Path.Combine(own.Path, "mosquitto.db"));
        DateTime before = DateTime.UtcNow;
        for (var waited = System.Diagnostics.Stopwatch.StartNew(); database.LastWriteTimeUtc < before; database.Refresh())
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(15), "it did not save by itself");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        second.Kill();
        BrokerProcess third = await BrokerProcess.StartAsync(folder, TestContext.Current.CancellationToken);
        using (var reader = new Recorder(Options(third, controller)))
        {
            reader.Connect().Subscribe("nfr/acme/d/#");
            Recorder.Until(() => reader.Messages.Count == 2, reader);
        }

        using BrokerProcess attached = BrokerProcess.TryAttach(folder)!;
        Assert.Equal((third.ProcessId, third.Port), (attached.ProcessId, attached.Port));
        await attached.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(third.HasExited);
    }

    [Fact]
    public async Task All_files_are_their_owners_only()
    {
        await broker.Admit(SecuredBroker.Device("private"));
        const UnixFileMode others = (UnixFileMode)0b111_111;
        string[] all = [broker.Folder.FullPath, .. Directory.EnumerateFileSystemEntries(broker.Folder.FullPath, "*", SearchOption.AllDirectories)];
        Assert.Contains(all, path => path.EndsWith("ca.key", StringComparison.Ordinal));
        string[] ours = [.. all.Where(path => !path.EndsWith(".log", StringComparison.Ordinal) && !path.EndsWith(".db", StringComparison.Ordinal))]; // mosquitto's own files, in a folder of 0700
        foreach (string path in ours)
        {
            Assert.True(OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & others) == 0, path);
        }
    }

    [Fact]
    public async Task Two_that_change_one_folder_lose_nothing_of_each_other()
    {
        using var own = new TemporaryFolder();
        BrokerFolder[] folders = [BrokerFolder.OpenOrCreate(own.Path), BrokerFolder.OpenOrCreate(own.Path), BrokerFolder.OpenOrCreate(own.Path)];
        Assert.Single(folders.Select(f => f.CaPem).Distinct());
        await Task.WhenAll(folders.SelectMany((folder, f) => Enumerable.Range(0, 20).Select(i => Task.Run(
            () => _ = i % 2 == 0 ? folder.Allow(SecuredBroker.Device($"d{f}-{i}")) : folder.IssuePassword(SecuredBroker.Device($"d{f}-{i}")).Length > 0,
            TestContext.Current.CancellationToken))));
        Assert.All(folders, f => Assert.Equal(60, f.Allowed().Count));
        Assert.Equal(30, File.ReadLines(Path.Combine(own.Path, "passwords")).Count());
        Assert.True(folders[0].Withdraw(SecuredBroker.Device("d1-1")));
        Assert.False(folders[1].Withdraw(SecuredBroker.Device("d1-1")));
        Array.ForEach(folders, f => f.Dispose());
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_so()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var own = new TemporaryFolder();
        using BrokerFolder folder = BrokerFolder.OpenOrCreate(own.Path, new BrokerSettings { Port = ((IPEndPoint)taken.LocalEndpoint).Port });
        var thrown = await Assert.ThrowsAsync<BrokerException>(() => BrokerProcess.StartAsync(folder, TestContext.Current.CancellationToken));
        Assert.Contains("Address already in use", thrown.Message);
    }

    private static MosquittoOptions Options(BrokerProcess process, MosquittoTls tls) => new() { Host = "127.0.0.1", Port = process.Port, ClientId = "any", Tls = tls };

    private static void Publish(BrokerProcess process, MosquittoTls tls, string topic)
    {
        using var client = new Recorder(Options(process, tls));
        Assert.Contains(client.Connect().Publish(topic, "kept"u8, retain: true), new[] { 0, 16 });
        client.Client.Disconnect();
    }

    private static void Refused(Recorder client)
    {
        Recorder.Until(() => client.Disconnects.Count > 0, client);
        Assert.DoesNotContain(client.Connects, c => c.Reason == 0);
        Assert.False(client.Client.IsConnected);
    }

    private static void Accepted(Recorder client) => Assert.Equal([(0, false)], client.Connects);
}
