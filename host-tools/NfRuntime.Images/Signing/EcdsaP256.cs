using System;
using System.Security.Cryptography;
using Org.BouncyCastle.Asn1.Nist;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;

namespace NfRuntime.Images.Signing;

/// <summary>Deterministic ECDSA (RFC 6979) on P-256 with SHA-256; the in-box implementation draws its nonce at random.</summary>
internal static class EcdsaP256
{
    public const int ScalarBytes = 32;
    public const int SignatureBytes = 64;
    public const string CurveOid = "1.2.840.10045.3.1.7";
    private static readonly X9ECParameters Curve = NistNamedCurves.GetByName("P-256");
    private static readonly ECDomainParameters Domain = new(Curve.Curve, Curve.G, Curve.N, Curve.H);

    /// <summary>r‖s with s ≤ n/2 when <paramref name="lowS"/>; of (r, s) and (r, n − s) both are valid, and one form keeps digests reproducible.</summary>
    public static byte[] SignHash(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> hash, bool lowS = true)
    {
        if (hash.Length != Digest.ByteCount)
        {
            throw new ArgumentException($"a SHA-256 hash has {Digest.ByteCount} bytes, not {hash.Length}", nameof(hash));
        }

        var signer = new ECDsaSigner(new HMacDsaKCalculator(new Sha256Digest()));
        byte[] copy = scalar.ToArray();
        try
        {
            signer.Init(true, new ECPrivateKeyParameters(new BigInteger(1, copy), Domain));
            BigInteger[] signature = signer.GenerateSignature(hash.ToArray());
            BigInteger s = lowS && signature[1].CompareTo(Domain.N.ShiftRight(1)) > 0 ? Domain.N.Subtract(signature[1]) : signature[1];
            return [.. Fixed(signature[0]), .. Fixed(s)];
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }

    /// <summary>Whether 1 ≤ scalar &lt; n.</summary>
    public static bool IsScalar(ReadOnlySpan<byte> scalar)
    {
        if (scalar.Length != ScalarBytes)
        {
            return false;
        }

        var value = new BigInteger(1, scalar.ToArray());
        return value.SignValue > 0 && value.CompareTo(Domain.N) < 0;
    }

    private static byte[] Fixed(BigInteger value)
    {
        byte[] bytes = value.ToByteArrayUnsigned();
        var result = new byte[ScalarBytes];
        bytes.CopyTo(result.AsSpan(ScalarBytes - bytes.Length));
        return result;
    }
}
