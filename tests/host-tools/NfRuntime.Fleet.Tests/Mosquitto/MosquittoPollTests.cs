using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NfRuntime.Mosquitto;
using Xunit;

namespace NfRuntime.Fleet.Tests.Mosquitto;

/// <summary>Many clients on one thread. Alone: it counts the descriptors of the process.</summary>
[CollectionDefinition(nameof(MosquittoPollTests), DisableParallelization = true)]
[Collection(nameof(MosquittoPollTests))]
public sealed class MosquittoPollTests : IDisposable
{
    private const int Many = 200;
    private readonly MosquittoPoll _poll = new();
    private readonly List<Recorder> _clients = [];
    private int _served;

    [Fact]
    public void Two_hundred_clients_hear_one_message_each_and_survive_the_brokers_death()
    {
        using var broker = new PlainBroker();
        int room = MosquittoPoll.RoomForClients();
        for (int i = 0; i < Many; i++)
        {
            Add(new MosquittoOptions { Host = "127.0.0.1", Port = broker.Port, ClientId = $"c{i}" }).Client.Connect();
        }

        Assert.InRange(room - MosquittoPoll.RoomForClients(), Many - 5, Many + 10); // the first connection also loads files
        Until(() => _clients.All(c => c.Connects.Count == 1));
        int[] subscriptions = _clients.Select(c => c.Client.Subscribe("all", 0)).ToArray();
        Until(() => _clients.Zip(subscriptions).All(p => p.First.Grants.ContainsKey(p.Second)));
        _clients[7].Client.Publish("all", "1"u8, 1, retain: false);
        Until(() => _clients.All(c => c.Messages.Count == 1));

        broker.Kill();
        Until(() => _clients.All(c => c.Disconnects.Count == 1));
        broker.Start();
        _clients.ForEach(c => c.Client.Reconnect());
        Until(() => _clients.All(c => c.Connects.Count == 2));
        subscriptions = _clients.Select(c => c.Client.Subscribe("all", 0)).ToArray();
        Until(() => _clients.Zip(subscriptions).All(p => p.First.Grants.ContainsKey(p.Second)));
        _clients[9].Client.Publish("all", "2"u8, 0, retain: false);
        Until(() => _clients.All(c => c.Messages.Count == 2));
        Assert.All(_clients, c => Assert.Single(c.Disconnects));
    }

    [Fact]
    public void One_handlers_exception_costs_the_others_nothing_and_a_removed_client_is_left_alone()
    {
        using var broker = new PlainBroker();
        for (int i = 0; i < 3; i++)
        {
            Recorder client = Add(new MosquittoOptions { Host = "127.0.0.1", Port = broker.Port, ClientId = $"c{i}" });
            client.Client.Connect();
            Until(() => client.Connects.Count == 1);
            int mid = client.Client.Subscribe("all", 0);
            Until(() => client.Grants.ContainsKey(mid));
        }

        _clients[1].OnMessage = _ => throw new InvalidOperationException("mine");
        _poll.Remove(_clients[2].Client);
        Assert.Equal(2, _poll.Count);
        _clients[0].Client.Publish("all", "x"u8, 0, retain: false);
        Assert.Throws<InvalidOperationException>(() => Until(() => false));
        _clients[1].OnMessage = null;
        Until(() => _clients[0].Messages.Count == 1 && _clients[1].Messages.Count == 1);
        Assert.Empty(_clients[2].Messages);
        _poll.Add(_clients[2].Client);
        Until(() => _clients[2].Messages.Count == 1);
        Assert.Throws<InvalidOperationException>(() => _poll.Add(_clients[2].Client));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_TLS_handshake_that_dies_or_never_ends_is_given_up_once_and_does_not_spin(bool dies)
    {
        string ca = Path.GetTempFileName();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(ca, certificate.ExportCertificatePem());
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        Recorder client = Add(new MosquittoOptions
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)server.LocalEndpoint).Port,
            ClientId = "tls",
            Tls = new MosquittoTls(ca),
            ConnectTimeout = TimeSpan.FromMilliseconds(500),
        });
        client.Client.Connect();
        using Socket peer = server.AcceptSocket();
        if (dies)
        {
            peer.LingerState = new LingerOption(true, 0); // a reset
            peer.Close();
        }

        Until(() => client.Disconnects.Count > 0);
        Assert.Single(client.Disconnects);
        Assert.Empty(client.Connects);
        Assert.Equal(-1, client.Client.Socket);
        Assert.InRange(_served, 0, 5);
        File.Delete(ca);
    }

    public void Dispose()
    {
        _clients.ForEach(c => c.Dispose());
        Assert.Equal(0, _poll.Count);
        _poll.Dispose();
    }

    private Recorder Add(MosquittoOptions options)
    {
        var client = new Recorder(options);
        _clients.Add(client);
        _poll.Add(client.Client);
        return client;
    }

    private void Until(Func<bool> condition)
    {
        for (var waited = Stopwatch.StartNew(); !condition();)
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(15), "it did not happen");
            _served += _poll.Poll(100);
        }
    }
}
