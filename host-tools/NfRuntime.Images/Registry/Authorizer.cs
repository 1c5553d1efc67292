using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Images.Oci;

namespace NfRuntime.Images.Registry;

/// <summary>Answers a registry's challenges: basic authentication (RFC 7617) or a bearer token from the place that the challenge names (distribution's token specification).</summary>
internal sealed class Authorizer(RegistryEndpoint endpoint, RegistryOptions options, HttpClient client)
{
    private const int MaxTokenAnswerBytes = 64 << 10;
    private const int MaxTokenLength = 32 << 10;
    private AuthenticationHeaderValue? _current;

    /// <summary>What requests to the registry carry; null before the first challenge.</summary>
    public AuthenticationHeaderValue? Current => Volatile.Read(ref _current);

    /// <summary>Takes a 401 as far as it can be answered; the same request is then sent once more.</summary>
    /// <exception cref="RegistryException">No login for a registry that wants one, a refused login, a challenge that is none.</exception>
    public async Task AnswerAsync(HttpResponseMessage unauthorized, CancellationToken cancellation)
    {
        HttpHeaderValueCollection<AuthenticationHeaderValue> challenges = unauthorized.Headers.WwwAuthenticate;
        if (Find(challenges, "Bearer") is { } bearer)
        {
            string token = await FetchTokenAsync(bearer, cancellation).ConfigureAwait(false);
            Volatile.Write(ref _current, new AuthenticationHeaderValue("Bearer", token));
        }
        else if (Find(challenges, "Basic") is not null)
        {
            Volatile.Write(ref _current, Basic(endpoint.Root));
        }
        else
        {
            throw new RegistryException(RegistryError.Refused, $"{endpoint.Host} wants a kind of login that is not known here", "Basic logins and bearer tokens are known.");
        }
    }

    /// <summary>What a second 401, or a 403, means.</summary>
    public RegistryException Denied(string what) => options.Credential is { } credential
        ? new(RegistryError.Denied, $"{endpoint.Host} does not let {credential.User} do this: {what}", $"Check the rights of {credential.User}, or log in again: capsule login {endpoint.Host} -u USER --password-stdin")
        : LoginNeeded();

    private static AuthenticationHeaderValue? Find(HttpHeaderValueCollection<AuthenticationHeaderValue> challenges, string scheme) =>
        challenges.FirstOrDefault(challenge => string.Equals(challenge.Scheme, scheme, StringComparison.OrdinalIgnoreCase));

    private RegistryException LoginNeeded() =>
        new(RegistryError.LoginNeeded, $"{endpoint.Host} wants a login", $"capsule login {endpoint.Host} -u USER --password-stdin");

    private AuthenticationHeaderValue Basic(Uri receiver)
    {
        RegistryCredential credential = options.Credential ?? throw LoginNeeded();
        // Who named the receiver counts as well: without TLS it may have been anyone on the way.
        if (!endpoint.IsSafeForLogins(endpoint.Root) || !endpoint.IsSafeForLogins(receiver))
        {
            throw new RegistryException(RegistryError.Insecure, $"{endpoint.Host} wants a login without TLS; it would be readable on the way", "Give the registry a certificate, or let it serve without logins.");
        }

        return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.User}:{credential.Password}")));
    }

    private async Task<string> FetchTokenAsync(AuthenticationHeaderValue challenge, CancellationToken cancellation)
    {
        Uri place = TokenPlace(Challenge.Parse(challenge.Parameter));
        using var request = new HttpRequestMessage(HttpMethod.Get, place);
        request.Headers.Authorization = options.Credential is null ? null : Basic(place);
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            throw options.Credential is { } credential
                ? new RegistryException(RegistryError.Denied, $"{place.Authority} refuses the login of {credential.User} for {endpoint.Host}", $"Log in again: capsule login {endpoint.Host} -u USER --password-stdin")
                : LoginNeeded();
        }

        Answers.Expect(response, HttpStatusCode.OK, $"{place.Authority}: a token for {endpoint.Host}");
        byte[] body = await Answers.ReadAsync(response, MaxTokenAnswerBytes, $"the token of {place.Authority}", cancellation).ConfigureAwait(false);
        return ReadToken(body) ?? throw new RegistryException(RegistryError.Untrusted, $"{place.Authority} answers something else than a token for {endpoint.Host}");
    }

    private Uri TokenPlace(IReadOnlyDictionary<string, string>? challenge)
    {
        if (challenge?.GetValueOrDefault("realm") is not { } realm || !Uri.TryCreate(realm, UriKind.Absolute, out Uri? absolute))
        {
            throw new RegistryException(RegistryError.Untrusted, $"{endpoint.Host} does not say where its tokens come from");
        }

        Uri place = endpoint.Follow(endpoint.Root, absolute, "sends for tokens");
        IEnumerable<string> query = (challenge.GetValueOrDefault("scope") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(scope => "scope=" + Uri.EscapeDataString(scope));
        if (challenge.GetValueOrDefault("service") is { } service)
        {
            query = query.Prepend("service=" + Uri.EscapeDataString(service));
        }

        return new UriBuilder(place) { Query = string.Join('&', query.Prepend(place.Query.TrimStart('?')).Where(part => part.Length > 0)) }.Uri;
    }

    // RFC 6750, section 2.1: the characters of a token; so none of them ends a header.
    private static string? ReadToken(byte[] body)
    {
        try
        {
            string? token = StrictJson.Read(body, "a token", root =>
                root.TryGetProperty("token", out var value) || root.TryGetProperty("access_token", out value) ? value.GetString() : null);
            return token is { Length: > 0 and <= MaxTokenLength } && token.All(c => char.IsAsciiLetterOrDigit(c) || "-._~+/=".Contains(c, StringComparison.Ordinal)) ? token : null;
        }
        catch (ContentException)
        {
            return null;
        }
    }
}
