using System;
using System.Diagnostics;
using System.IO;
using NfRuntime.Mosquitto;

namespace NfRuntime.Fleet.Broker;

/// <summary>Connects as somebody with a clean session and goes again: whoever was connected under that name is cut off, and what waited for it is gone.</summary>
internal sealed class Takeover : IMosquittoHandler
{
    private const int CertificateMinutes = 5;
    private int? _answer;
    private bool _ended;

    /// <summary>Blocks until it is done.</summary>
    public static void Run(BrokerProcess broker, BrokerIdentity identity, TimeSpan patience)
    {
        MosquittoTls files = broker.Folder.IssueTemporary(identity, DateTimeOffset.UtcNow.AddMinutes(CertificateMinutes));
        try
        {
            var takeover = new Takeover();
            using var poll = new MosquittoPoll();
            using var client = new MosquittoClient(
                new MosquittoOptions { Host = broker.Folder.Settings.Hosts[0], Port = broker.Port, ClientId = identity.UserName, Tls = files, ConnectTimeout = patience },
                takeover);
            poll.Add(client);
            client.Connect();
            for (var waited = Stopwatch.StartNew(); takeover._answer is null && !takeover._ended && waited.Elapsed < patience;)
            {
                poll.Poll(100);
            }

            client.Disconnect();
            if (takeover._answer != 0)
            {
                throw new BrokerException($"The broker did not let {identity.UserName} in: {client.LastError}");
            }
        }
        catch (MosquittoException e)
        {
            throw new BrokerException($"The broker cannot be reached: {e.Message}", e);
        }
        finally
        {
            File.Delete(files.CertificateFile!);
            File.Delete(files.KeyFile!);
        }
    }

    public void Connected(int reasonCode, bool sessionPresent) => _answer = reasonCode;

    public void Disconnected(int rc) => _ended = true;

    public void Message(string topic, ReadOnlySpan<byte> payload, int qos, bool retain)
    {
    }

    public void Published(int mid, int reasonCode)
    {
    }
}
