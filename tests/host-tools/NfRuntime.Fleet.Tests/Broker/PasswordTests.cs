using System;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Fleet.Broker;
using NfRuntime.Fleet.Tests.Mosquitto;
using NfRuntime.Mosquitto;
using Xunit;

namespace NfRuntime.Fleet.Tests.Broker;

/// <summary>The listener for boards that cannot hold a certificate, on a real broker.</summary>
public sealed class PasswordTests : IAsyncLifetime
{
    private readonly TemporaryFolder _temporary = new();
    private BrokerFolder _folder = null!;
    private BrokerProcess _process = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(System.IO.File.Exists("/usr/sbin/mosquitto"), "mosquitto is not installed: the broker was not tested");
        _folder = BrokerFolder.OpenOrCreate(_temporary.Path, new BrokerSettings { PasswordPort = 0 });
        _process = await BrokerProcess.StartAsync(_folder, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_password_is_good_for_its_user_on_its_listener_and_no_more_than_a_certificate_would_be()
    {
        string one = _folder.IssuePassword(SecuredBroker.Device("one")), two = _folder.IssuePassword(SecuredBroker.Device("two"));
        MosquittoTls admin = _folder.IssueFiles(SecuredBroker.Controller());
        await _process.ReloadAsync(TestContext.Current.CancellationToken);
        using Recorder controller = Connect(_process.Port, admin, null, null);
        controller.Subscribe("nfr/acme/d/#");
        var server = new MosquittoTls(_folder.CaFile);
        Refused(_process.PasswordPort!.Value, server, "one.acme", two);
        Refused(_process.PasswordPort.Value, server, "one.acme", "");
        Refused(_process.PasswordPort.Value, server, "main.controller.acme", one);
        Refused(_process.PasswordPort.Value, server, "main.controller.acme", null);
        Refused(_process.PasswordPort.Value, admin, null, null); // a certificate is nothing there
        Refused(_process.Port, server, "one.acme", one);
        Refused(_process.PasswordPort.Value, null, "one.acme", one);

        using Recorder device = Connect(_process.PasswordPort.Value, server, "one.acme", one, "two.acme"), other = Connect(_process.PasswordPort.Value, server, "two.acme", two);
        device.Publish("nfr/acme/d/two/state", "forged"u8); // MQTT 3.1.1 does not tell
        Assert.Equal(0, device.Publish("nfr/acme/d/one/state", "1"u8));
        Assert.Equal(0, other.Publish("nfr/acme/d/two/state", "2"u8)); // nor has the other one's client id ended it
        Recorder.Until(() => controller.Messages.Count == 2, controller);
        Assert.Equal(["1", "2"], controller.Messages.Select(m => System.Text.Encoding.ASCII.GetString(m.Payload)));

        using BrokerProcess attached = BrokerProcess.TryAttach(_folder)!;
        Assert.Equal(_process.PasswordPort, attached.PasswordPort);
        _folder.Withdraw(SecuredBroker.Device("one"));
        await attached.ReloadAsync(TestContext.Current.CancellationToken);
        Recorder.Until(() => device.Disconnects.Count == 1, device);
        Refused(_process.PasswordPort.Value, server, "one.acme", one);
        Assert.Empty(controller.Disconnects);
        Assert.DoesNotContain(one, System.IO.File.ReadAllText(System.IO.Path.Combine(_folder.FullPath, "passwords")));
    }

    [Theory]
    [InlineData(true)] // mosquitto 2.0.11 then queues nothing more for it: what is not retained would be lost
    [InlineData(false)]
    public async Task Orders_reach_a_device_that_was_away_during_a_reload_because_they_are_retained(bool certificate)
    {
        BrokerIdentity identity = SecuredBroker.Device("away");
        MosquittoTls tls = certificate ? _folder.IssueFiles(identity) : new MosquittoTls(_folder.CaFile);
        string? password = certificate ? null : _folder.IssuePassword(identity), user = certificate ? null : identity.UserName;
        int port = certificate ? _process.Port : _process.PasswordPort!.Value;
        MosquittoTls admin = _folder.IssueFiles(SecuredBroker.Controller());
        await _process.ReloadAsync(TestContext.Current.CancellationToken);
        using (Recorder device = Connect(port, tls, user, password))
        {
            device.Subscribe("nfr/acme/d/away/desired");
            device.Client.Disconnect();
        }

        await _process.ReloadAsync(TestContext.Current.CancellationToken);
        using Recorder controller = Connect(_process.Port, admin, null, null);
        controller.Publish("nfr/acme/d/away/desired", "kept"u8, retain: true);
        using Recorder again = Connect(port, tls, user, password);
        Assert.Equal(0, Assert.Single(again.Connects).Reason);
        again.Subscribe("nfr/acme/d/away/desired");
        Recorder.Until(() => again.Messages.Count > 0, again);
        Assert.Equal("kept"u8, again.Messages[0].Payload);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.StopAsync();
        _process.Dispose();
        _folder.Dispose();
        _temporary.Dispose();
    }

    private static Recorder Connect(int port, MosquittoTls? tls, string? user, string? password, string clientId = "any") => new Recorder(new MosquittoOptions
    {
        Host = "127.0.0.1",
        Port = port,
        ClientId = clientId,
        Tls = tls,
        User = user,
        Password = string.IsNullOrEmpty(password) ? null : password,
        CleanSession = false,
        Mqtt5 = false /* of 5 a session would end with its connection */,
        ConnectTimeout = TimeSpan.FromSeconds(2),
    }).Connect();

    private static void Refused(int port, MosquittoTls? tls, string? user, string? password)
    {
        using Recorder client = Connect(port, tls, user, password);
        Recorder.Until(() => client.Disconnects.Count > 0, client);
        Assert.DoesNotContain(client.Connects, c => c.Reason == 0);
    }
}
