using System;
using System.Security.Cryptography;

namespace NfRuntime.Images.Signing;

/// <summary>A P-256 public key; immutable.</summary>
public sealed class PublicKey : IEquatable<PublicKey>
{
    public const int ByteCount = 64;
    private const string PemLabel = "PUBLIC KEY";
    private readonly byte[] _xy;

    private PublicKey(byte[] xy)
    {
        _xy = xy;
        Id = KeyId.FromBytes(SHA256.HashData(xy).AsSpan(0, KeyId.ByteCount));
    }

    public KeyId Id { get; }

    /// <summary>x‖y, big-endian, 64 bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _xy;

    /// <summary>Takes x‖y, big-endian, 64 bytes.</summary>
    /// <exception cref="KeyException">Not a point of the curve.</exception>
    public static PublicKey FromBytes(ReadOnlySpan<byte> xy)
    {
        if (xy.Length != ByteCount)
        {
            throw new KeyException($"a public key has {ByteCount} bytes (x and y), not {xy.Length}");
        }

        var key = new PublicKey(xy.ToArray());
        try
        {
            key.Import().Dispose();
            return key;
        }
        catch (CryptographicException e)
        {
            throw new KeyException("not a point of the curve P-256", e);
        }
    }

    /// <summary>Reads a PEM "PUBLIC KEY" (SubjectPublicKeyInfo).</summary>
    /// <exception cref="KeyException">Not a P-256 public key.</exception>
    public static PublicKey FromPem(string pem)
    {
        try
        {
            PemFields fields = PemEncoding.Find(pem);
            if (pem[fields.Label] != PemLabel)
            {
                throw new KeyException($"the file holds no {PemLabel}");
            }

            using var ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(Convert.FromBase64String(pem[fields.Base64Data]), out _);
            return Of(ecdsa.ExportParameters(includePrivateParameters: false));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or FormatException)
        {
            throw new KeyException("the file holds no P-256 public key in PEM form", e);
        }
    }

    /// <summary>PEM "PUBLIC KEY" (SubjectPublicKeyInfo).</summary>
    public string ToPem()
    {
        using ECDsa ecdsa = Import();
        return ecdsa.ExportSubjectPublicKeyInfoPem() + "\n";
    }

    /// <summary>Whether <paramref name="signature"/> (r‖s) signs the SHA-256 of <paramref name="content"/>. A high s is accepted.</summary>
    public bool Verify(ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        Span<byte> hash = stackalloc byte[Digest.ByteCount];
        SHA256.HashData(content, hash);
        return VerifyHash(hash, signature);
    }

    /// <summary>Whether <paramref name="signature"/> (r‖s) signs this SHA-256 hash.</summary>
    public bool VerifyHash(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        using ECDsa ecdsa = Import();
        return signature.Length == EcdsaP256.SignatureBytes
            && ecdsa.VerifyHash(hash, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    public bool Equals(PublicKey? other) => other is not null && _xy.AsSpan().SequenceEqual(other._xy);

    public override bool Equals(object? obj) => Equals(obj as PublicKey);

    public override int GetHashCode() => Id.GetHashCode();

    public override string ToString() => Id.Hex;

    internal static PublicKey Of(ECParameters parameters) =>
        parameters.Curve.Oid?.Value == EcdsaP256.CurveOid && parameters.Q is { X: { Length: 32 } x, Y: { Length: 32 } y }
            ? new PublicKey([.. x, .. y])
            : throw new KeyException("the key is not on the curve P-256");

    private ECDsa Import() => ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = _xy[..32], Y = _xy[32..] },
    });
}
