using System;
using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Output;

namespace NfRuntime.Cli.Fleet;

/// <summary>A device's key and its request for a certificate, made here for boards that cannot make them.</summary>
internal static class DeviceIdentity
{
    /// <summary>A new P-256 key.</summary>
    public static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>PKCS#10, base64 of the DER; the common name is the device's.</summary>
    public static string Request(string device, ECDsa key) =>
        Convert.ToBase64String(new CertificateRequest(new X500DistinguishedName($"CN={device}"), key, HashAlgorithmName.SHA256).CreateSigningRequest());

    /// <summary>The request in a file, PEM or DER, as base64 of the DER.</summary>
    /// <exception cref="ToolException">It is none, or its signature does not fit.</exception>
    public static string ReadRequest(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        try
        {
            string text = Encoding.ASCII.GetString(bytes);
            byte[] der = text.Contains("-----BEGIN", StringComparison.Ordinal) ? PemEncoding.TryFind(text, out PemFields found) ? Convert.FromBase64String(text[found.Base64Data]) : [] : bytes;
            _ = CertificateRequest.LoadSigningRequest(der, HashAlgorithmName.SHA256);
            return Convert.ToBase64String(der);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            throw new ToolException(ErrorCodes.KeyUnusable, $"{file} is no certificate request (PKCS#10).", "Let the device make it again, or leave --csr away.", e);
        }
    }

    /// <summary>Writes DEVICE.key (readable by its owner), DEVICE.crt and ca.crt. Without a key: the device has it.</summary>
    public static async Task<IdentityResult> WriteAsync(string folder, string device, ECDsa? key, FleetIdentity identity, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        string keyFile = Path.Combine(folder, device + ".key"), certificate = Path.Combine(folder, device + ".crt"), ca = Path.Combine(folder, "ca.crt");
        if (key is not null)
        {
            AtomicFile.WritePrivate(keyFile, Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
        }

        await AtomicFile.WriteAsync(certificate, Encoding.ASCII.GetBytes(identity.Certificate), cancellation).ConfigureAwait(false);
        await AtomicFile.WriteAsync(ca, Encoding.ASCII.GetBytes(identity.Ca), cancellation).ConfigureAwait(false);
        return new IdentityResult(device, identity.Tenant, identity.Broker, key is null ? null : keyFile, certificate, ca);
    }
}
