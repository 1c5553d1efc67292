using System;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace NfRuntime.Fleet.Api;

/// <summary>Where and for whom the HTTP API is.</summary>
public sealed record ApiOptions
{
    /// <summary>Loopback needs no TLS; every other address does.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0: a free one.</summary>
    public int Port { get; init; }

    /// <summary>The operator's bearer token, 16 characters or more.</summary>
    public required string Token { get; init; }

    /// <summary>With its private key; null: no TLS.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <exception cref="ArgumentException">A short token, or an address in the network without a certificate.</exception>
    internal void Check()
    {
        if (Token.Length < 16)
        {
            throw new ArgumentException("the operator's token has less than 16 characters");
        }

        if (!IPAddress.IsLoopback(Address) && Certificate is null)
        {
            throw new ArgumentException($"{Address} is no loopback address: the API needs a certificate there");
        }
    }
}
