using System;
using System.IO;
using System.Net.Http;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NfRuntime.Cli.Errors;

namespace NfRuntime.Cli.Fleet;

/// <summary>How the tool trusts a controller.</summary>
internal static class FleetTls
{
    /// <summary>A handler that follows no redirect (the token would go along) and, with a CA, trusts that one alone.</summary>
    /// <exception cref="ToolException">The file holds no certificate.</exception>
    public static SocketsHttpHandler Handler(string? ca)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(10) };
        if (ca is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(Load(ca));
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }

        return handler;
    }

    private static X509Certificate2Collection Load(string file)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ToolException(ErrorCodes.FileAccess, $"{file} holds no certificate in PEM form.", "Check --fleet-ca.", e);
        }

        return certificates.Count > 0 ? certificates : throw new ToolException(ErrorCodes.FileAccess, $"{file} holds no certificate in PEM form.", "Check --fleet-ca.");
    }
}
