using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Fleet.Control;
using NfRuntime.Fleet.Data;
using NfRuntime.Fleet.Mqtt;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Fleet.Tests.Broker;
using NfRuntime.Fleet.Tests.Mosquitto;
using NfRuntime.Fleet.Tests.Protocol;
using NfRuntime.Images.Oci;
using NfRuntime.Mosquitto;
using Xunit;

namespace NfRuntime.Fleet.Tests.Hosting;

/// <summary>A mosquitto that drops what its queue for the controller cannot hold.</summary>
public sealed class LostReportsHostTests(ITestOutputHelper output)
{
    private const int Devices = 120;

    [Fact]
    public async Task WhatTheBrokersQueueCouldNotHoldIsAskedForUntilNothingLacks()
    {
        using var broker = new PlainBroker("max_queued_messages 40", "max_inflight_messages 5");
        using var folder = new TemporaryFolder();
        var topics = new Topics("t");
        using (var fleet = new MosquittoThread(Options(broker, "fleet"), new Silent(), _ => { }))
        {
            fleet.Start();
            for (int i = 0; i < Devices; i++)
            {
                await fleet.PublishAsync(topics.Device($"d{i}", TopicKind.Online), new OnlineDocument(true, 5).Write(), 1, true, TestContext.Current.CancellationToken);
                await fleet.PublishAsync(topics.Device($"d{i}", TopicKind.Capabilities), Samples.Capabilities().Write(), 1, true, TestContext.Current.CancellationToken);
                await fleet.PublishAsync(topics.Device($"d{i}", TopicKind.State), Samples.State().Write(), 1, true, TestContext.Current.CancellationToken);
            }
        }

        using var database = new FleetDatabase(Path.Combine(folder.Path, "fleet.db"));
        using var mqtt = new MosquittoFleetMqtt(Options(broker, "controller"), 4096, output.WriteLine);
        var options = new ControllerOptions { Tenant = "t", DeltaFolder = Path.Combine(folder.Path, "deltas") };
        using var controller = new FleetController(options, database, mqtt, new ImageStore(Path.Combine(folder.Path, "images")), () => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), () => 0.5, output.WriteLine);
        for (int i = 0; i < Devices; i++)
        {
            controller.AddDevice($"d{i}"); // enrolled
        }

        Assert.InRange(await UntilAsync(controller, within: 4_000), 1, Devices - 50); // it does drop
        Assert.Equal(Devices, await UntilAsync(controller, within: 60_000));
    }

    // How many are complete, when all are or the time is over.
    private async Task<int> UntilAsync(FleetController controller, int within)
    {
        var clock = Stopwatch.StartNew();
        int complete = 0;
        while (complete < Devices && clock.ElapsedMilliseconds < within)
        {
            controller.Step();
            await Task.Delay(10, TestContext.Current.CancellationToken);
            complete = controller.Devices().Count(d => d is { Online: true, Target: not null, BootId: not null });
        }

        output.WriteLine($"{complete} of {Devices} complete after {clock.ElapsedMilliseconds} ms");
        return complete;
    }

    private static MosquittoOptions Options(PlainBroker broker, string id) => new() { Host = "127.0.0.1", Port = broker.Port, ClientId = id };

    private sealed class Silent : IMosquittoHandler
    {
        public void Connected(int reasonCode, bool sessionPresent)
        {
        }

        public void Disconnected(int rc)
        {
        }

        public void Message(string topic, ReadOnlySpan<byte> payload, int qos, bool retain)
        {
        }

        public void Published(int mid, int reasonCode)
        {
        }
    }
}
