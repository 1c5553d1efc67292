using System;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NfRuntime.Fleet.Enrolment;

/// <summary>Reads a device's PKCS#10 request. Only the key and the proof of its possession count: name, extensions and attributes that it asks for are ignored.</summary>
internal static class SigningRequests
{
    /// <summary>A P-256 request has about 250 bytes; with many attributes, more.</summary>
    public const int MaxBytes = 4096;

    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>The request's public key, on P-256, after its self-signature was verified.</summary>
    /// <exception cref="EnrolmentException">It is none of that.</exception>
    public static PublicKey KeyOf(byte[] csr)
    {
        ArgumentNullException.ThrowIfNull(csr);
        if (csr.Length is 0 or > MaxBytes)
        {
            throw Refused($"has {csr.Length} bytes; 1 to {MaxBytes} are read");
        }

        try
        {
            PublicKey key = CertificateRequest.LoadSigningRequest(csr, HashAlgorithmName.SHA256, out int read).PublicKey;
            if (read != csr.Length)
            {
                throw Refused($"has {csr.Length - read} bytes after its end");
            }

            using ECDsa ecdsa = key.GetECDsaPublicKey() ?? throw Refused("is not for an elliptic-curve key");
            ECCurve curve = ecdsa.ExportParameters(includePrivateParameters: false).Curve;
            return curve.IsNamed && curve.Oid.Value == P256 ? key : throw Refused("is not for a key on P-256");
        }
        catch (CryptographicException e)
        {
            throw Refused("cannot be believed: " + e.Message);
        }
    }

    private static EnrolmentException Refused(string why) => new(EnrolmentRefusal.Request, $"The signing request {why}.");
}
