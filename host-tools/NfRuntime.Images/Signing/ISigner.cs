using System;

namespace NfRuntime.Images.Signing;

/// <summary>Whatever holds a private key: a file (<see cref="SigningKey"/>) or a hardware module.</summary>
public interface ISigner
{
    PublicKey PublicKey { get; }

    /// <summary>ECDSA P-256 over a SHA-256 hash (32 bytes): r‖s, big-endian, 64 bytes.</summary>
    byte[] SignHash(ReadOnlySpan<byte> hash);
}
