using System;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using NfRuntime.Fleet.Broker;
using NfRuntime.Fleet.Tests.Mosquitto;
using NfRuntime.Mosquitto;
using Xunit;

namespace NfRuntime.Fleet.Tests.Broker;

/// <summary>
/// Who may publish and hear what, on a real broker. That something did not arrive is proved by a legitimate message that was sent after it and
/// did arrive: the broker keeps the order of one publisher's messages to one subscriber.
/// </summary>
public sealed class AccessTests(SecuredBroker broker) : IClassFixture<SecuredBroker>
{
    private const int NotAuthorized = 135;
    private static int _tenants;

    [Fact]
    public async Task Each_role_can_do_what_the_protocol_wants_of_it()
    {
        Tenant t = await Tenant.Admit(broker);
        Recorder controller = broker.Connect(t.Controller), device = broker.Connect(t.One), distributor = broker.Connect(t.Distributor);
        controller.Subscribe(t.Topic("d/+/#"));
        controller.Subscribe(t.Topic("p/#"));
        device.Subscribe(t.Topic("d/one/desired"));
        device.Subscribe(t.Topic("keys"));
        device.Subscribe(t.Topic("b/" + new string('a', 64)));
        distributor.Subscribe(t.Topic("d/+/want"));
        distributor.Subscribe(t.Topic("p/#"));

        Assert.Equal(0, controller.Publish(t.Topic("d/one/desired"), "desired"u8, retain: true));
        Assert.Equal(0, controller.Publish(t.Topic("keys"), "keys"u8, retain: true));
        Assert.Equal(0, distributor.Publish(t.Topic("b/" + new string('a', 64)), "frame"u8));
        Assert.Equal(0, distributor.Publish(t.Topic("p/x"), "here"u8, retain: true));
        string[] own = ["online", "cap", "state", "want", "log", "stats"];
        Assert.All(own, topic => Assert.Equal(0, device.Publish(t.Topic("d/one/" + topic), Encoding.ASCII.GetBytes(topic))));

        Recorder.Until(() => device.Messages.Count == 3 && controller.Messages.Count == 8 && distributor.Messages.Count == 2, device, controller, distributor);
        Assert.Equal(["desired", "keys", "frame"], Payloads(device));
        Assert.Equal([.. own, "desired", "here"], Payloads(controller).Order().OrderBy(p => p is "desired" or "here").ThenBy(p => Array.IndexOf(own, p)));
        Assert.Equal(["here", "want"], Payloads(distributor).Order());
    }

    [Theory]
    [InlineData("d/one/desired")] // its own orders
    [InlineData("d/two/desired")]
    [InlineData("d/two/state")] // in another one's name
    [InlineData("d/two/online")]
    [InlineData("d/two/want")]
    [InlineData("d/one/state/more")]
    [InlineData("d/one/other")]
    [InlineData("d/one")]
    [InlineData("keys")]
    [InlineData("p/x")] // a distributor's presence
    [InlineData("b/aaaa")] // blocks
    [InlineData("other")]
    public async Task A_device_cannot_publish(string topic)
    {
        Tenant t = await Tenant.Admit(broker);
        Recorder controller = broker.Connect(t.Controller), two = broker.Connect(t.Two), distributor = broker.Connect(t.Distributor), one = broker.Connect(t.One);
        controller.Subscribe("#");
        distributor.Subscribe("#");
        two.Subscribe("#");
        Assert.Equal(NotAuthorized, one.Publish(t.Topic(topic), "forged"u8, retain: true));

        Assert.Contains(one.Publish(t.Topic("d/one/want"), "after"u8), new[] { 0, 16 });
        Assert.Contains(controller.Publish(t.Topic("d/two/desired"), "after"u8), new[] { 0, 16 });
        Recorder.Until(() => Heard(controller) && Heard(distributor) && Heard(two), controller, distributor, two);
        Assert.All([controller, distributor, two], r => Assert.DoesNotContain("forged", Payloads(r)));

        // Nor was it retained for whoever subscribes later.
        Recorder late = broker.Connect(t.Controller);
        late.Subscribe(t.Topic("#"));
        Assert.Contains(one.Publish(t.Topic("d/one/state"), "after"u8), new[] { 0, 16 });
        Recorder.Until(() => Heard(late), late);
        Assert.DoesNotContain("forged", Payloads(late));
    }

    [Theory]
    [InlineData("acl")]
    [InlineData("other tenant")]
    public async Task A_device_cannot_publish_for_another_tenant(string how)
    {
        Tenant t = await Tenant.Admit(broker), other = await Tenant.Admit(broker);
        Recorder controller = broker.Connect(other.Controller), intruder = broker.Connect(how == "acl" ? t.One : t.Distributor), one = broker.Connect(other.One);
        controller.Subscribe("#");
        string topic = how == "acl" ? "d/one/state" : "p/x";
        Assert.Equal(NotAuthorized, intruder.Publish(other.Topic(topic), "forged"u8, retain: true));
        Assert.Contains(one.Publish(other.Topic("d/one/state"), "after"u8), new[] { 0, 16 });
        Recorder.Until(() => Heard(controller), controller);
        Assert.Equal(["after"], Payloads(controller));
    }

    [Theory]
    [InlineData("#")]
    [InlineData("nfr/#")]
    [InlineData("nfr/+/+/+/+")]
    [InlineData("+/+/d/#")]
    [InlineData("nfr/+/d/two/desired")]
    [InlineData("$share/g/#")]
    public async Task A_device_hears_only_its_own_documents_whatever_it_subscribes_to(string filter)
    {
        Tenant t = await Tenant.Admit(broker), other = await Tenant.Admit(broker);
        Recorder controller = broker.Connect(t.Controller), stranger = broker.Connect(other.Controller), distributor = broker.Connect(t.Distributor);
        foreach (string kind in new[] { "desired", "state" }) // retained before the subscription, too
        {
            controller.Publish(t.Topic("d/two/" + kind), "secret"u8, retain: true);
            stranger.Publish(other.Topic("d/one/" + kind), "secret"u8, retain: true);
        }

        Recorder one = broker.Connect(t.One);
        one.Subscribe(filter);
        one.Subscribe(t.Topic("d/one/desired"));
        controller.Publish(t.Topic("d/two/desired"), "secret"u8);
        stranger.Publish(other.Topic("d/one/desired"), "secret"u8);
        stranger.Publish(other.Topic("keys"), "secret"u8);
        distributor.Publish(t.Topic("p/x"), "secret"u8);
        controller.Publish(t.Topic("d/one/desired"), "after"u8);
        Recorder.Until(() => Heard(one), one);
        Assert.DoesNotContain("secret", Payloads(one));
        Assert.All(one.Messages, m => Assert.Equal(t.Topic("d/one/desired"), m.Topic));
    }

    [Fact]
    public async Task A_distributor_can_neither_give_orders_nor_speak_for_another_nor_read_states()
    {
        Tenant t = await Tenant.Admit(broker);
        Recorder controller = broker.Connect(t.Controller), one = broker.Connect(t.One), distributor = broker.Connect(t.Distributor);
        controller.Subscribe("#");
        one.Subscribe("#");
        distributor.Subscribe("#");
        Assert.All(
            ["d/one/desired", "keys", "p/y", "d/one/state", "d/one/want"],
            topic => Assert.Equal(NotAuthorized, distributor.Publish(t.Topic(topic), "forged"u8, retain: true)));
        one.Publish(t.Topic("d/one/state"), "private"u8);
        controller.Publish(t.Topic("d/one/desired"), "after"u8);
        one.Publish(t.Topic("d/one/want"), "after"u8);
        Recorder.Until(() => Heard(controller) && Heard(one) && Heard(distributor), controller, one, distributor);
        Assert.DoesNotContain("forged", Payloads(controller).Concat(Payloads(one)));
        Assert.DoesNotContain("private", Payloads(distributor));
    }

    [Fact]
    public async Task A_forged_will_is_not_published()
    {
        Tenant t = await Tenant.Admit(broker);
        Recorder controller = broker.Connect(t.Controller);
        controller.Subscribe("#");
        Recorder one = broker.Connect(t.One, change: o => o with { Will = new MosquittoWill(t.Topic("d/two/online"), "forged"u8.ToArray(), 1, true) });
        one.Dispose(); // without a goodbye
        Recorder two = broker.Connect(t.Two, change: o => o with { Will = new MosquittoWill(t.Topic("d/two/online"), "after"u8.ToArray(), 1, true) });
        two.Dispose();
        Recorder.Until(() => Heard(controller), controller);
        Assert.Equal(["after"], Payloads(controller));
    }

    [Fact]
    public async Task A_client_id_is_the_certificates_name_so_nobody_can_end_anothers_session()
    {
        Tenant t = await Tenant.Admit(broker);
        Recorder two = broker.Connect(t.Two, t.UserName("two"));
        two.Subscribe(t.Topic("d/two/desired"));
        Recorder one = broker.Connect(t.One, t.UserName("two")); // claims the other one's client id
        Assert.Equal([(0, false)], one.Connects);
        broker.Connect(t.Controller).Publish(t.Topic("d/two/desired"), "after"u8);
        Recorder.Until(() => Heard(two), two, one);
        Assert.Empty(two.Disconnects);

        Recorder again = broker.Connect(t.One, "whatever"); // the same certificate under another client id: one session, and it is its own
        Recorder.Until(() => one.Disconnects.Count == 1, one);
        Assert.Empty(again.Disconnects);
    }

    private static string[] Payloads(Recorder recorder) => [.. recorder.Messages.Select(m => Encoding.UTF8.GetString(m.Payload))];

    private static bool Heard(Recorder recorder) => Payloads(recorder).Contains("after");

    /// <summary>A tenant of its own for each test: devices one and two, controller, distributor x.</summary>
    private sealed record Tenant(string Name, MosquittoTls One, MosquittoTls Two, MosquittoTls Controller, MosquittoTls Distributor)
    {
        public static async Task<Tenant> Admit(SecuredBroker broker)
        {
            string name = $"t{System.Threading.Interlocked.Increment(ref _tenants)}";
            MosquittoTls[] files = await broker.Admit(
                SecuredBroker.Device("one", name), SecuredBroker.Device("two", name), SecuredBroker.Controller(name), SecuredBroker.Distributor("x", name));
            return new Tenant(name, files[0], files[1], files[2], files[3]);
        }

        public string Topic(string rest) => $"nfr/{Name}/{rest}";

        public string UserName(string device) => BrokerIdentity.Device(Name, device).UserName;
    }
}
