using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Http;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading;
using System.Threading.Tasks;

namespace NfRuntime.VirtualDevice.Serving;

/// <summary>Who a device is, and where its broker is.</summary>
/// <param name="Name">The device.</param>
/// <param name="Tenant">First level of its topics behind "nfr".</param>
/// <param name="Host">The broker's.</param>
/// <param name="Port">The broker's.</param>
/// <param name="Certificate">PEM file.</param>
/// <param name="Key">PEM file of its private key.</param>
/// <param name="Ca">PEM file: what the broker's chain must end in.</param>
internal sealed record Identity(string Name, string Tenant, string Host, int Port, string Certificate, string Key, string Ca)
{
    /// <summary>An identity of given files.</summary>
    /// <exception cref="RefusedException">The broker's address is none, or a file is missing.</exception>
    public static Identity Of(string name, string tenant, string broker, string certificate, string key, string ca)
    {
        int colon = broker.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(broker.AsSpan(colon + 1), out ushort port) || port == 0)
        {
            throw new RefusedException("identity", $"'{broker}' is no broker host:port");
        }

        foreach (string file in (string[])[certificate, key, ca])
        {
            if (!File.Exists(file))
            {
                throw new RefusedException("identity", $"there is no {file}");
            }
        }

        return new Identity(name, tenant, broker[..colon], port, certificate, key, ca);
    }
}

/// <summary>Where devices get their identities: the state folder, or the first time the controller's enrolment.</summary>
internal sealed class Enrolment : IDisposable
{
    private const int MaxAnswer = 1 << 20;
    private const int MaxErrorText = 1024;
    private readonly ServeOptions _options;
    private readonly Queue<string> _tokens = new();
    private readonly HttpClient _http;

    /// <exception cref="RefusedException">A file cannot be used.</exception>
    public Enrolment(ServeOptions options)
    {
        _options = options;
        _http = new HttpClient(Handler(options.Ca)) { Timeout = TimeSpan.FromSeconds(30), MaxResponseContentBufferSize = MaxAnswer };
        if (options.TokenFile.Length > 0)
        {
            foreach (string line in File.ReadAllLines(options.TokenFile))
            {
                if (line.Trim().Length > 0)
                {
                    _tokens.Enqueue(line.Trim());
                }
            }
        }
    }

    /// <summary>The identity of a device: kept, named, or enrolled now.</summary>
    /// <exception cref="RefusedException">It cannot be had.</exception>
    public async Task<Identity> GetAsync(string name, CancellationToken cancellation)
    {
        if (_options.Enrol.Length == 0)
        {
            return Identity.Of(name, _options.Tenant, _options.Broker, _options.Certificate, _options.Key, _options.Ca);
        }

        string folder = Path.Combine(_options.StateFolder, name);
        string place = Path.Combine(folder, "identity.json");
        if (File.Exists(place))
        {
            return Kept(name, folder, ReadPlace(place));
        }

        return await EnrolAsync(name, folder, place, cancellation).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    private static IdentityPlace ReadPlace(string place)
    {
        try
        {
            return new FileInfo(place).Length <= MaxAnswer && JsonSerializer.Deserialize(File.ReadAllBytes(place), IdentityShapes.Default.IdentityPlace) is { } kept
                ? kept
                : throw new JsonException();
        }
        catch (JsonException)
        {
            throw new RefusedException("identity", $"{place} holds no identity: delete it and enrol the device again");
        }
    }

    // The key never leaves the device, and is written first: whoever loses the answer may ask again with the same key. What names the
    // identity is written last: half an enrolment is none.
    private async Task<Identity> EnrolAsync(string name, string folder, string place, CancellationToken cancellation)
    {
        string token = _tokens.TryDequeue(out string? next) ? next : throw new RefusedException("identity", $"{name} has no claim token left in --token-file");
        Directory.CreateDirectory(folder);
        using ECDsa key = OwnKey(Path.Combine(folder, "device.key"));
        byte[] request = new CertificateRequest(new X500DistinguishedName($"CN={name}"), key, HashAlgorithmName.SHA256).CreateSigningRequest();
        EnrolAnswer answer = await AskAsync(new EnrolQuestion(token, name, Convert.ToBase64String(request)), cancellation).ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(folder, "device.crt"), answer.Certificate, cancellation).ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.crt"), answer.Ca, cancellation).ConfigureAwait(false);
        var kept = new IdentityPlace(answer.Tenant, answer.Broker);
        await File.WriteAllBytesAsync(place + ".new", JsonSerializer.SerializeToUtf8Bytes(kept, IdentityShapes.Default.IdentityPlace), cancellation).ConfigureAwait(false);
        File.Move(place + ".new", place, overwrite: true);
        return Kept(name, folder, kept);
    }

    private async Task<EnrolAnswer> AskAsync(EnrolQuestion question, CancellationToken cancellation)
    {
        try
        {
            using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(question, IdentityShapes.Default.EnrolQuestion));
            content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/json");
            using HttpResponseMessage response = await _http.PostAsync(new Uri(new Uri(_options.Enrol), "/v1/enrol"), content, cancellation).ConfigureAwait(false);
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? JsonSerializer.Deserialize(body, IdentityShapes.Default.EnrolAnswer) ?? throw new JsonException()
                : throw new RefusedException("enrolment", $"the controller refused {question.Device}: {(int)response.StatusCode} {Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, MaxErrorText)))}");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or UriFormatException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new RefusedException("enrolment", $"{_options.Enrol} does not enrol {question.Device}: {(e.InnerException ?? e).Message}");
        }
    }

    // A broker that is named wins: it may have moved since.
    private Identity Kept(string name, string folder, IdentityPlace place) => !ServeOptions.IsName(place.Tenant)
        ? throw new RefusedException("identity", $"{name} was given a tenant's name that is none")
        : Identity.Of(name, place.Tenant, _options.Broker.Length > 0 ? _options.Broker : place.Broker, Path.Combine(folder, "device.crt"), Path.Combine(folder, "device.key"), Path.Combine(folder, "ca.crt"));

    private static ECDsa OwnKey(string file)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (!File.Exists(file))
        {
            WritePrivate(file, key.ExportPkcs8PrivateKeyPem());
            return key;
        }

        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new RefusedException("identity", $"{file} holds no private key: delete it, and the device makes another");
        }
    }

    // Whole or not at all: half a key would be in the way of every later start.
    private static void WritePrivate(string file, string text)
    {
        string path = file + ".new";
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(path, options))
        {
            stream.Write(Encoding.ASCII.GetBytes(text + "\n"));
            stream.Flush(flushToDisk: true);
        }

        File.Move(path, file);
    }

    // With a CA only what it signed; redirects would take the token elsewhere.
    private static SocketsHttpHandler Handler(string ca)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(10) };
        if (ca.Length > 0)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            try
            {
                policy.CustomTrustStore.ImportFromPemFile(ca);
            }
            catch (CryptographicException e)
            {
                throw new RefusedException("identity", $"{ca} holds no certificate: {e.Message}");
            }

            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }

        return handler;
    }
}

/// <summary>identity.json.</summary>
internal sealed record IdentityPlace(string Tenant, string Broker);

/// <summary>POST /v1/enrol.</summary>
internal sealed record EnrolQuestion(string Token, string Device, string Csr);

/// <summary>Its answer; PEM.</summary>
internal sealed record EnrolAnswer(string Certificate, string Ca, string Tenant, string Broker);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(IdentityPlace))]
[JsonSerializable(typeof(EnrolQuestion))]
[JsonSerializable(typeof(EnrolAnswer))]
internal sealed partial class IdentityShapes : JsonSerializerContext;
