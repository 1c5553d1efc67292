using System;
using System.Collections.Generic;

namespace NfRuntime.Fleet.Enrolment;

/// <summary>A claim token, by its hash.</summary>
/// <param name="Hash">SHA-256, 32 bytes.</param>
/// <param name="Tenant">Whose devices it lets in.</param>
/// <param name="Device">The only device that may use it; null: any.</param>
/// <param name="Expires">It is of no use from then on.</param>
/// <param name="UsedBy">Key hash of the certificate that it was used for; null: it has not been used.</param>
public sealed record StoredToken(byte[] Hash, string Tenant, string? Device, DateTimeOffset Expires, byte[]? UsedBy = null);

/// <summary>A certificate that was issued.</summary>
/// <param name="Serial">Big-endian, 16 bytes.</param>
/// <param name="KeyHash">SHA-256 of the public key (SubjectPublicKeyInfo).</param>
/// <param name="NotAfter">Its end.</param>
/// <param name="Der">The certificate.</param>
/// <param name="Revoked">Whether it stands in the revocation list.</param>
public sealed record StoredCertificate(byte[] Serial, byte[] KeyHash, DateTimeOffset NotAfter, byte[] Der, bool Revoked = false);

/// <summary>How a device stands.</summary>
public enum DeviceEnrolment
{
    None,
    Active,
    Revoked,
}

/// <summary>Where enrolments are kept. Every method is one transaction; several processes may call at a time.</summary>
public interface IEnrolmentStore
{
    /// <summary>Keeps a new token.</summary>
    void AddToken(StoredToken token);

    /// <summary>The token of this hash, or null.</summary>
    StoredToken? FindToken(byte[] hash);

    /// <summary>Uses the token up and enrols the device with this certificate: both, or neither and false. Refused when the token is used or expired by now, when the device is known (active or revoked), and when the key is.</summary>
    bool TryEnrol(byte[] tokenHash, string device, StoredCertificate certificate, DateTimeOffset now);

    /// <summary>Adds a certificate to an active device and revokes all but the <paramref name="keep"/> newest others. False: the device is not active or the key is known.</summary>
    bool TryRotate(string tenant, string device, StoredCertificate certificate, int keep);

    /// <summary>How a device stands.</summary>
    DeviceEnrolment Find(string tenant, string device);

    /// <summary>A device's certificates, oldest first; those of earlier devices of that name too.</summary>
    IReadOnlyList<StoredCertificate> Certificates(string tenant, string device);

    /// <summary>Revokes a device and all its certificates; forgotten: its name is free again, its certificates and keys stay known. False: no such device.</summary>
    bool Revoke(string tenant, string device, bool forget);

    /// <summary>Every device that is known.</summary>
    IReadOnlyList<(string Tenant, string Device, DeviceEnrolment State)> Devices();

    /// <summary>Serials of revoked certificates that have not expired.</summary>
    IReadOnlyList<byte[]> RevokedSerials(DateTimeOffset now);
}
