using System;
using System.Security.Cryptography;

namespace NfRuntime.Images.Signing;

/// <summary>
/// A P-256 private key in memory. Signatures are deterministic (RFC 6979), with low s. Dispose clears the scalar; copies inside the
/// cryptographic libraries live until they are collected.
/// </summary>
public sealed class SigningKey : ISigner, IDisposable
{
    /// <summary>PBKDF2-SHA256 rounds of an encrypted private key.</summary>
    public const int KdfIterations = 600_000;

    private readonly byte[] _scalar;
    private bool _disposed;

    private SigningKey(byte[] scalar, PublicKey publicKey) => (_scalar, PublicKey) = (scalar, publicKey);

    public PublicKey PublicKey { get; }

    public static SigningKey Generate()
    {
        using ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Of(ecdsa);
    }

    /// <summary>Takes a private scalar d, 32 bytes big-endian, 1 ≤ d &lt; n.</summary>
    /// <exception cref="KeyException">Out of range.</exception>
    public static SigningKey FromScalar(ReadOnlySpan<byte> scalar)
    {
        if (!EcdsaP256.IsScalar(scalar))
        {
            throw new KeyException("the private scalar is outside the order of P-256");
        }

        byte[] copy = scalar.ToArray();
        using ECDsa ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = copy });
        CryptographicOperations.ZeroMemory(copy);
        return Of(ecdsa);
    }

    /// <summary>Reads PKCS#8 PEM, encrypted or not.</summary>
    /// <param name="pem">"PRIVATE KEY" or "ENCRYPTED PRIVATE KEY".</param>
    /// <param name="passphrase">Needed for the encrypted form.</param>
    /// <exception cref="KeyException">No P-256 key, or a missing or wrong passphrase.</exception>
    public static SigningKey FromPem(ReadOnlySpan<char> pem, ReadOnlySpan<char> passphrase = default)
    {
        bool encrypted = pem.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal);
        if (encrypted && passphrase.IsEmpty)
        {
            throw new KeyException("the private key is protected by a passphrase, and none was given");
        }

        using var ecdsa = ECDsa.Create();
        try
        {
            if (encrypted)
            {
                ecdsa.ImportFromEncryptedPem(pem, passphrase);
            }
            else
            {
                ecdsa.ImportFromPem(pem);
            }

            return Of(ecdsa);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new KeyException(encrypted ? "the passphrase is wrong, or the private key is damaged" : "the file holds no P-256 private key in PEM form");
        }
    }

    /// <summary>PKCS#8 PEM: plain without passphrase, else PBES2 with AES-256-CBC and PBKDF2-SHA256.</summary>
    public char[] ToPem(ReadOnlySpan<char> passphrase = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        byte[] copy = _scalar.AsSpan().ToArray();
        byte[] der = [];
        try
        {
            using ECDsa ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = copy });
            var parameters = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, KdfIterations);
            der = passphrase.IsEmpty ? ecdsa.ExportPkcs8PrivateKey() : ecdsa.ExportEncryptedPkcs8PrivateKey(passphrase, parameters);
            return PemEncoding.Write(passphrase.IsEmpty ? "PRIVATE KEY" : "ENCRYPTED PRIVATE KEY", der);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
            CryptographicOperations.ZeroMemory(der);
        }
    }

    /// <inheritdoc/>
    public byte[] SignHash(ReadOnlySpan<byte> hash)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        byte[] signature = EcdsaP256.SignHash(_scalar, hash);

        // Two implementations agree before a signature leaves: a fault in one must not publish the key.
        return PublicKey.VerifyHash(hash, signature)
            ? signature
            : throw new CryptographicException("the signature just made does not verify");
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_scalar);
        _disposed = true;
    }

    private static SigningKey Of(ECDsa ecdsa)
    {
        ECParameters parameters = ecdsa.ExportParameters(includePrivateParameters: true);
        return new SigningKey(
            parameters.D ?? throw new KeyException("the file holds a public key only"), PublicKey.Of(parameters));
    }
}
