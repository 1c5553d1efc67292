using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Images.Oci;

namespace NfRuntime.Images.Registry;

/// <summary>Reads answers that may be anything: bodies up to a limit, digests that must be right, errors in words.</summary>
internal static class Answers
{
    private const int MaxErrorBytes = 8 << 10;
    private const int MaxErrorText = 200;

    /// <summary>A body of at most <paramref name="maxBytes"/>; of a longer one a single byte more is read.</summary>
    /// <exception cref="RegistryException">It is longer.</exception>
    public static async Task<byte[]> ReadAsync(HttpResponseMessage response, int maxBytes, string what, CancellationToken cancellation)
    {
        if (response.Content.Headers.ContentLength > maxBytes)
        {
            throw TooLong(what, maxBytes);
        }

        Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            using var bytes = new MemoryStream();
            var buffer = new byte[Math.Min(maxBytes + 1, 32 << 10)];
            while (true)
            {
                int read = await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, maxBytes + 1 - bytes.Length)), cancellation).ConfigureAwait(false);
                bytes.Write(buffer, 0, read);
                if (read == 0)
                {
                    return bytes.ToArray();
                }

                if (bytes.Length > maxBytes)
                {
                    throw TooLong(what, maxBytes);
                }
            }
        }
    }

    /// <exception cref="RegistryException">Another status than the expected one.</exception>
    public static void Expect(HttpResponseMessage response, HttpStatusCode expected, string what)
    {
        if (response.StatusCode != expected)
        {
            throw Unexpected(response, what, "");
        }
    }

    /// <summary>As <see cref="Expect"/>, with the registry's own words.</summary>
    public static async Task ExpectAsync(HttpResponseMessage response, HttpStatusCode expected, string what, CancellationToken cancellation)
    {
        if (response.StatusCode != expected)
        {
            throw Unexpected(response, what, await WordsAsync(response, cancellation).ConfigureAwait(false));
        }
    }

    /// <summary>The digest that the registry says the content has must be the content's.</summary>
    /// <exception cref="RegistryException">It is another.</exception>
    public static void CheckDigest(HttpResponseMessage response, Digest actual, string what)
    {
        if (SaidDigest(response) is { } said && said != actual.ToString())
        {
            throw new RegistryException(RegistryError.Untrusted, $"{what}: the registry says that it is {said}; it is {actual}");
        }
    }

    /// <summary>The header <c>Docker-Content-Digest</c>, or null.</summary>
    public static string? SaidDigest(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Docker-Content-Digest", out var values) ? Cut(values.First()) : null;

    public static bool IsTransient(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
        or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private static RegistryException Unexpected(HttpResponseMessage response, string what, string words)
    {
        int status = (int)response.StatusCode;
        RegistryError error = response.StatusCode == HttpStatusCode.NotFound ? RegistryError.NotFound
            : status is >= 300 and < 400 ? RegistryError.Untrusted
            : IsTransient(response.StatusCode) ? RegistryError.Unreachable
            : RegistryError.Refused;
        string answer = status is >= 300 and < 400 ? "a redirect, which is followed for blobs only" : $"{status}{words}";
        return new RegistryException(error, error == RegistryError.NotFound ? $"{what}: not there{words}" : $"{what}: the registry answers {answer}")
        {
            IsPassing = IsTransient(response.StatusCode),
            RetryAfter = response.Headers.RetryAfter?.Delta,
        };
    }

    // {"errors":[{"code","message"}]}, distribution's API; anything else is not repeated.
    private static async Task<string> WordsAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            byte[] body = await ReadAsync(response, MaxErrorBytes, "an error", cancellation).ConfigureAwait(false);
            return StrictJson.Read(body, "an error", root =>
                root.TryGetProperty("errors", out JsonElement errors) && errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0
                && errors[0].ValueKind == JsonValueKind.Object && errors[0].TryGetProperty("message", out JsonElement message) && message.ValueKind == JsonValueKind.String
                    ? $" ({Cut(message.GetString()!)})" : "");
        }
        catch (Exception e) when (e is RegistryException or ContentException or IOException)
        {
            return "";
        }
    }

    private static string Cut(string text)
    {
        var line = new StringBuilder(text.Length > MaxErrorText ? text[..MaxErrorText] + "…" : text);
        for (int i = 0; i < line.Length; i++)
        {
            line[i] = char.IsControl(line[i]) ? ' ' : line[i];
        }

        return line.ToString();
    }

    private static RegistryException TooLong(string what, long maxBytes) =>
        new(RegistryError.Untrusted, $"{what}: the registry sends more than {maxBytes} bytes");
}
