using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Fleet.Enrolment;
using NfRuntime.Fleet.Tests.Broker;
using NfRuntime.Fleet.Tests.Mosquitto;
using NfRuntime.Mosquitto;
using Xunit;

namespace NfRuntime.Fleet.Tests.Enrolment;

/// <summary>From token to revocation, on a real broker.</summary>
public sealed class EnrolledDeviceTests(SecuredBroker broker) : IClassFixture<SecuredBroker>, IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_enrolled_device_works_until_it_is_revoked_and_then_no_certificate_of_it_does()
    {
        MosquittoTls admin = (await broker.Admit(SecuredBroker.Controller("fab")))[0];
        EnrolmentAuthority authority = Authority();
        using DeviceKey one = new(), oneLater = new(), two = new();
        MosquittoTls first = await Enrol(authority, "one", one), honest = await Enrol(authority, "two", two);
        MosquittoTls rotated = oneLater.Save(_temporary.Path, await authority.RotateAsync("fab", "one", oneLater.Request(), Cancellation));

        Recorder controller = broker.Connect(admin);
        controller.Subscribe("nfr/fab/d/#");
        Recorder before = broker.Connect(first);
        Assert.Equal(0, before.Publish("nfr/fab/d/one/state", "old certificate"u8));
        Recorder device = broker.Connect(rotated);
        Assert.Equal(0, device.Publish("nfr/fab/d/one/state", "new certificate"u8));
        Recorder other = broker.Connect(honest);
        Assert.Equal([(0, false)], other.Connects);

        await authority.RevokeAsync("fab", "one", Cancellation);
        Recorder.Until(() => device.Disconnects.Count == 1, device);
        foreach (MosquittoTls certificate in new[] { first, rotated })
        {
            Recorder again = broker.Connect(certificate);
            Recorder.Until(() => again.Disconnects.Count > 0, again);
            Assert.DoesNotContain(again.Connects, c => c.Reason == 0);
        }

        Assert.Equal(0, other.Publish("nfr/fab/d/two/state", "after"u8));
        Recorder.Until(() => controller.Messages.Any(m => m.Topic == "nfr/fab/d/two/state"), controller);
        Assert.Equal(2, controller.Messages.Count(m => m.Topic.StartsWith("nfr/fab/d/one/", StringComparison.Ordinal)));
        Assert.Empty(other.Disconnects);

        // The list is read at the next start, too.
        await broker.Process.StopAsync(Cancellation);
        await broker.Restart();
        Recorder late = broker.Connect(rotated);
        Recorder.Until(() => late.Disconnects.Count > 0, late);
        Assert.DoesNotContain(late.Connects, c => c.Reason == 0);
        Assert.Equal([(0, false)], broker.Connect(honest).Connects);
    }

    [Fact]
    public async Task A_reload_ends_nobodys_connection_and_loses_no_message()
    {
        EnrolmentAuthority authority = Authority();
        MosquittoTls admin = (await broker.Admit(SecuredBroker.Controller("calm")))[0];
        using DeviceKey steady = new();
        MosquittoTls tls = await Enrol(authority, "steady", steady, "calm");
        Recorder device = broker.Connect(tls, change: o => o with { CleanSession = false, Mqtt5 = false }), controller = broker.Connect(admin);
        device.Subscribe("nfr/calm/d/steady/desired");
        for (int i = 0; i < 5; i++)
        {
            using var next = new DeviceKey();
            await Enrol(authority, $"more-{i}", next, "calm");
            controller.Publish("nfr/calm/d/steady/desired", [(byte)i]);
        }

        Recorder.Until(() => device.Messages.Count == 5, device, controller);
        Assert.Equal([0, 1, 2, 3, 4], device.Messages.Select(m => (int)m.Payload[0]));
        Assert.Empty(device.Disconnects);
        Assert.Empty(controller.Disconnects);
    }

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _temporary.Dispose();
    }

    private EnrolmentAuthority Authority() => new(new SqliteEnrolmentStore(Path.Combine(_temporary.Path, "fleet.db")), broker.Folder, TimeProvider.System);

    private async Task<MosquittoTls> Enrol(EnrolmentAuthority authority, string name, DeviceKey key, string tenant = "fab")
    {
        string token = authority.CreateToken(tenant, name, TimeSpan.FromMinutes(5)).Token;
        return key.Save(_temporary.Path, await authority.EnrolAsync(token, name, key.Request(), Cancellation));
    }
}
