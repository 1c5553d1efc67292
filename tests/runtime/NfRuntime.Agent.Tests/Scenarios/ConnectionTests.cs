using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Native;
using NfRuntime.Simulation.World;
using Xunit;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>Coming and going.</summary>
public class ConnectionTests
{
    [Fact]
    public void A_broker_that_never_answers_is_asked_with_full_jitter_from_the_first_time_on()
    {
        const uint Drawn = 123_457;
        Timeline time = new();
        using NativeRuntime runtime = new(1 << 12, 1 << 10, []);
        using NativeFlash flash = new(new NativeFlashOptions());
        using NativeStore store = new(runtime, flash);
        DeafTransport transport = new();
        DeviceAgent agent = new(new AgentOptions { Device = "d" }, store, transport, new SameRandom(Drawn), null!, null!);
        for (long now = 0; transport.Attempts.Count < 5; now++)
        {
            transport.Now = now;
            agent.Step(now);
        }

        // Each attempt has a minute and a millisecond, and then a wait uniform in [0, limit], which doubles once an attempt.
        List<long> waits = [transport.Attempts[0], .. transport.Attempts.Zip(transport.Attempts.Skip(1), (a, b) => b - a - 60_001)];
        Assert.Equal([Drawn % 1001, Drawn % 1001, Drawn % 2001, Drawn % 4001, Drawn % 8001], waits);
    }

    [Fact]
    public void Who_restarts_by_himself_is_not_online_meanwhile()
    {
        using Scenario scenario = Scenario.With(Scenario.Capsule());
        byte[] online = scenario.Fleet.Broker.Retained("nfr/acme/d/device-0/online")!;
        Assert.Equal(0xf5, online[4]); // {0: 1, 1: true, …
        scenario.Device.Agent.Restart();
        scenario.Fleet.Run(100);
        byte[] gone = scenario.Fleet.Broker.Retained("nfr/acme/d/device-0/online")!;
        Assert.Equal([.. online[..4], 0xf4, .. online[5..]], gone);
        scenario.Device.Wake();
        scenario.Fleet.Run(5000);
        Assert.Equal(0xf5, scenario.Fleet.Broker.Retained("nfr/acme/d/device-0/online")![4]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_790_000_000)]
    public void That_no_time_is_known_for_certificates_is_said(long clock)
    {
        using Scenario scenario = new(settings: new DeviceSettings(Scenario.Publisher.RootKey) { Clock = clock });
        scenario.Fleet.Start();
        scenario.Fleet.Run(5000);
        Assert.Equal(clock, scenario.Device.Agent.KnownTime);
        Assert.Equal(clock == 0 ? 1 : 0, scenario.Log.Count(s => s.Contains("dates of certificates", StringComparison.Ordinal)));
    }

    private sealed class SameRandom(uint drawn) : IAgentPlatform
    {
        public int ResetCause => 1;

        public uint Random() => drawn;

        public long Microseconds() => 0;

        public int FreeHeapBytes() => 1 << 16;

        public long AllocatedBytes() => 0;

        public long WallClock() => 0;

        public void Restart()
        {
        }
    }

    /// <summary>Nobody answers; who gives up is told so at the next poll.</summary>
    private sealed class DeafTransport : IMqttTransport
    {
        private bool _hasEnded;

        public long Now { get; set; }

        public List<long> Attempts { get; } = [];

        public void Connect(string willTopic, byte[] will) => Attempts.Add(Now);

        public void Disconnect() => _hasEnded = true;

        public void Poll(IMqttSink sink, int messages)
        {
            if (_hasEnded)
            {
                _hasEnded = false;
                sink.OnDisconnected(1);
            }
        }

        public bool Publish(string topic, byte[] payload, int count, int qos, bool retain) => false;

        public bool Subscribe(string topic, int qos) => false;

        public bool Unsubscribe(string topic) => false;
    }
}
