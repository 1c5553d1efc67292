using System;
using NfRuntime.Simulation.World;
using Xunit;

namespace NfRuntime.Agent.Tests.Histories;

/// <summary>The models of the services behave as the services: whatever is killed, and however often, it is there again in the end.</summary>
public class ServiceModelTests
{
    private readonly Timeline _time = new();
    private readonly MemoryBroker _broker;

    public ServiceModelTests()
    {
        _broker = new MemoryBroker(_time, new Random(1), new NetworkFaults());
    }

    [Fact]
    public void A_controller_started_twice_survives_a_broker_that_dies_while_it_connects()
    {
        ControllerModel controller = new(_time, _broker, "acme");
        DieTwice(controller, controller.Die, controller.Rise);
    }

    [Fact]
    public void A_distributor_started_twice_survives_a_broker_that_dies_while_it_connects()
    {
        DistributorModel distributor = new(_time, _broker, "acme", "dist-0");
        DieTwice(distributor, distributor.Die, distributor.Rise);
    }

    [Fact]
    public void Who_connects_again_has_one_connection()
    {
        Hearer hearer = new();
        _broker.Connect(hearer, "will", []);
        Run(100);
        _broker.Connect(hearer, "will", []);
        Run(100);
        Assert.True(_broker.Subscribe(hearer, "a/#", 1));

        _broker.Inject("a/b", [1]);
        Run(100);
        Assert.Equal(1, hearer.Heard);

        _broker.Disconnect(hearer, isMeant: true);
        _broker.Connect(hearer, "will", []);
        _broker.Die();
        _broker.Rise();
        Run(100);
        Assert.True(hearer.IsConnected, "what it had begun before the broker died goes on when the broker is back in time");
    }

    // Its two lives overlap, as when it is killed while it is down; then the broker dies in the ten milliseconds that a CONNECT takes.
    private void DieTwice(BrokerClient service, Action die, Action rise)
    {
        Run(100);
        die();
        rise();
        Run(100);
        rise();
        Run(100);
        Assert.True(service.IsConnected);

        _broker.Partition(service);
        _broker.Heal(service);
        Run(1005);
        Assert.False(service.IsConnected);
        _broker.Die();
        Run(5000);
        _broker.Rise();
        Run(60_000);
        Assert.True(service.IsConnected, "it connects again");
    }

    private void Run(long milliseconds) => _time.RunUntil(_time.Now + milliseconds);

    private sealed class Hearer : BrokerClient
    {
        public int Heard { get; private set; }

        internal override void OnConnected()
        {
        }

        internal override void OnDisconnected()
        {
        }

        internal override void OnMessage(string topic, byte[] payload, bool isRetained) => Heard++;
    }
}
