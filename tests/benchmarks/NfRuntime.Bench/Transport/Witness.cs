using System;
using System.Diagnostics;
using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using System.Threading;
using NfRuntime.Mosquitto;

namespace NfRuntime.Bench.Transport;

/// <summary>
/// A device of the tenant that wants nothing and hears everything on the blob topics: counts what was really published, whatever distributors
/// say of themselves, and distributors that were killed included.
/// </summary>
internal sealed class Witness : IMosquittoHandler, IDisposable
{
    private const string Name = "witness";
    private readonly MosquittoThread _connection;
    private long _frames;
    private long _bytes;
    private volatile bool _isSubscribed;

    public Witness(Playground playground, string folder)
    {
        Directory.CreateDirectory(folder);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] csr = new CertificateRequest("CN=" + Name, key, HashAlgorithmName.SHA256).CreateSigningRequest();
        string token = (string)playground.Post("v1/claims", new JsonObject { ["device"] = Name, ["minutes"] = 5 })["token"]!;
        JsonNode identity = playground.Post("v1/enrol", new JsonObject { ["token"] = token, ["device"] = Name, ["csr"] = Convert.ToBase64String(csr) });
        string Put(string name, string text)
        {
            File.WriteAllText(Path.Combine(folder, name), text);
            return Path.Combine(folder, name);
        }

        var tls = new MosquittoTls(Put("ca.crt", (string)identity["ca"]!), Put("device.crt", (string)identity["certificate"]!), Put("device.key", key.ExportPkcs8PrivateKeyPem()));
        string[] address = ((string)identity["broker"]!).Split(':');
        var options = new MosquittoOptions { Host = address[0], Port = int.Parse(address[1]), ClientId = $"{Name}.{(string)identity["tenant"]!}", Tls = tls };
        _connection = new MosquittoThread(options, this, e => Console.Error.WriteLine(e.Message));
        _connection.Subscribe($"nfr/{(string)identity["tenant"]!}/b/#", 0);
        _connection.Start();
        Playground.Until(30, "the witness listens", () => _isSubscribed);
    }

    public long Frames => Interlocked.Read(ref _frames);

    /// <summary>Payload bytes of all block frames since the start: asked until nothing has come for three seconds.</summary>
    public long Bytes()
    {
        long last = Interlocked.Read(ref _bytes);
        for (var quiet = Stopwatch.StartNew(); quiet.Elapsed.TotalSeconds < 3; Thread.Sleep(50))
        {
            if (Interlocked.Read(ref _bytes) is long now && now != last)
            {
                last = now;
                quiet.Restart();
            }
        }

        return last;
    }

    /// <summary>The same without waiting.</summary>
    public long BytesNow => Interlocked.Read(ref _bytes);

    public void Connected(int reasonCode, bool sessionPresent)
    {
    }

    public void Disconnected(int rc)
    {
    }

    public void Message(string topic, ReadOnlySpan<byte> payload, int qos, bool retain)
    {
        Interlocked.Increment(ref _frames);
        Interlocked.Add(ref _bytes, payload.Length);
    }

    public void Published(int mid, int reasonCode)
    {
    }

    public void Subscribed(int mid, ReadOnlySpan<int> granted) => _isSubscribed = true;

    public void Dispose() => _connection.Dispose();
}
