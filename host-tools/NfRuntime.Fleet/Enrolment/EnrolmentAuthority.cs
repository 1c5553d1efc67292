using System;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Fleet.Broker;

namespace NfRuntime.Fleet.Enrolment;

/// <summary>What a device gets.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Device">Its name.</param>
/// <param name="Certificate">Its certificate, PEM.</param>
/// <param name="Ca">What it must trust, PEM.</param>
/// <param name="Serial">Hexadecimal, upper case.</param>
/// <param name="NotAfter">When it must have been rotated.</param>
public sealed record EnrolledDevice(string Tenant, string Device, string Certificate, string Ca, string Serial, DateTimeOffset NotAfter);

/// <summary>
/// Lets devices in and out: claim tokens, certificates for keys that devices made themselves, revocation. Behind the HTTP API (API.md:
/// claims, enrol, rotate, revoke, DELETE). Each change is in the store first, then in the broker's folder, then the running broker has reloaded when
/// the task ends; <see cref="SynchronizeAsync"/> makes up for a crash in between. Thread-safe.
/// </summary>
public sealed class EnrolmentAuthority(IEnrolmentStore store, BrokerFolder folder, TimeProvider clock)
{
    // A rotated certificate goes on until the next rotation: the device may never have got the answer.
    private const int OlderCertificatesKept = 1;

    private readonly Lock _publishing = new();

    /// <summary>How long a certificate is good for.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(2 * 365);

    /// <summary>Makes a token that lets one device in, once.</summary>
    /// <param name="tenant">Whose device.</param>
    /// <param name="device">The only device that may use it, or null.</param>
    /// <param name="lifetime">More than zero, 30 days at most.</param>
    /// <returns>The token, which is kept nowhere, and when it expires.</returns>
    /// <exception cref="EnrolmentException">Request: a name or the lifetime; Conflict: that device is enrolled.</exception>
    public (string Token, DateTimeOffset Expires) CreateToken(string tenant, string? device, TimeSpan lifetime)
    {
        const int days = 30;
        if (lifetime <= TimeSpan.Zero || lifetime > TimeSpan.FromDays(days))
        {
            throw new EnrolmentException(EnrolmentRefusal.Request, $"A claim token lives for more than nothing and {days} days at most.");
        }

        BrokerIdentity identity = Identity(tenant, device ?? "a");
        if (device is not null && store.Find(identity.Tenant, device) != DeviceEnrolment.None)
        {
            throw Known(identity);
        }

        (string token, byte[] hash) = ClaimToken.Create();
        DateTimeOffset expires = clock.GetUtcNow() + lifetime;
        store.AddToken(new StoredToken(hash, tenant, device, expires));
        return (token, expires);
    }

    /// <summary>Lets a device in: the token is used up, its key gets a certificate for <c>device.tenant</c> and the broker knows it when this ends.</summary>
    /// <remarks>Whoever lost the answer asks again with the same token, name and key, and gets the same certificate.</remarks>
    /// <param name="token">As made by <see cref="CreateToken"/>.</param>
    /// <param name="device">The device's name.</param>
    /// <param name="csr">PKCS#10, DER, signed by the key that it is for (P-256). Name and extensions in it are ignored.</param>
    /// <param name="cancellation">Ends the wait for the broker.</param>
    /// <exception cref="EnrolmentException">Token, Request or Conflict; the token is still good.</exception>
    /// <exception cref="BrokerException">The broker did not reload; the device is enrolled all the same.</exception>
    public async Task<EnrolledDevice> EnrolAsync(string token, string device, byte[] csr, CancellationToken cancellation = default)
    {
        DateTimeOffset now = clock.GetUtcNow();
        byte[] hash = ClaimToken.HashOf(token) ?? throw BadToken("unknown");
        StoredToken known = store.FindToken(hash) ?? throw BadToken("unknown");
        if (known.UsedBy is not null && known.Expires > now && Again(known.Tenant, device, csr, known.UsedBy) is { } before)
        {
            folder.Allow(BrokerIdentity.Device(known.Tenant, device)); // the first attempt may have ended before
            await ReloadAsync(cancellation).ConfigureAwait(false);
            return before;
        }

        Usable(known, device, now);
        BrokerIdentity identity = Identity(known.Tenant, device);
        using X509Certificate2 certificate = Issue(csr, identity, now);
        if (!store.TryEnrol(hash, device, Record(certificate), now))
        {
            Usable(store.FindToken(hash)!, device, now);
            throw Known(identity);
        }

        folder.Allow(identity);
        await ReloadAsync(cancellation).ConfigureAwait(false);
        return Result(identity, certificate);
    }

    /// <summary>Gives an enrolled device a certificate for a new key (or the one that this key got before, when the answer was lost). Whoever calls has authenticated it (or an operator). The certificate before this one stays good until the next rotation; older ones are revoked.</summary>
    /// <inheritdoc cref="EnrolAsync"/>
    public async Task<EnrolledDevice> RotateAsync(string tenant, string device, byte[] csr, CancellationToken cancellation = default)
    {
        BrokerIdentity identity = Identity(tenant, device);
        Active(identity);
        if (store.Certificates(tenant, device) is [.., { Revoked: false } newest] && Again(tenant, device, csr, newest.KeyHash) is { } before)
        {
            PublishRevocations();
            await ReloadAsync(cancellation).ConfigureAwait(false);
            return before;
        }

        using X509Certificate2 certificate = Issue(csr, identity, clock.GetUtcNow());
        if (!store.TryRotate(tenant, device, Record(certificate), OlderCertificatesKept))
        {
            Active(identity);
            throw new EnrolmentException(EnrolmentRefusal.Conflict, "That key has had a certificate already; a rotation needs a new key.");
        }

        PublishRevocations();
        await ReloadAsync(cancellation).ConfigureAwait(false);
        return Result(identity, certificate);
    }

    /// <summary>Ends a device's credentials for good: no new connection, no rights on an open one, and that is cut off. Its name stays taken until it is retired.</summary>
    /// <exception cref="EnrolmentException">NoSuchDevice, or Request for a name.</exception>
    /// <exception cref="BrokerException">The broker did not reload or cut it off; store and files have it revoked.</exception>
    public Task RevokeAsync(string tenant, string device, CancellationToken cancellation = default) => EndAsync(tenant, device, forget: false, cancellation);

    /// <summary>Revokes a device and frees its name for another one. Its retained documents are the controller's to clear.</summary>
    /// <inheritdoc cref="RevokeAsync"/>
    public Task RetireAsync(string tenant, string device, CancellationToken cancellation = default) => EndAsync(tenant, device, forget: true, cancellation);

    /// <summary>How a device stands.</summary>
    public DeviceEnrolment Find(string tenant, string device) => store.Find(tenant, device);

    /// <summary>Brings the broker's folder to what the store says; once, when the controller starts. Devices that the store does not know (made by <see cref="BrokerFolder.IssueFiles(BrokerIdentity)"/>) are left as they are.</summary>
    public Task SynchronizeAsync(CancellationToken cancellation = default)
    {
        foreach ((string tenant, string device, DeviceEnrolment state) in store.Devices())
        {
            BrokerIdentity identity = BrokerIdentity.Device(tenant, device);
            _ = state == DeviceEnrolment.Active ? folder.Allow(identity) : folder.Withdraw(identity);
        }

        PublishRevocations();
        return ReloadAsync(cancellation);
    }

    private static void Usable(StoredToken token, string device, DateTimeOffset now)
    {
        string? why = token.UsedBy is not null ? "used already"
            : token.Expires <= now ? "expired"
            : token.Device is not null && token.Device != device ? "for another device"
            : null;
        if (why is not null)
        {
            throw BadToken(why);
        }
    }

    private static EnrolmentException BadToken(string why) => new(EnrolmentRefusal.Token, $"The claim token is {why}.");

    private static EnrolmentException Known(BrokerIdentity identity) =>
        new(EnrolmentRefusal.Conflict, $"{identity.Name} was enrolled before, or its key was: rotate its certificate, or retire it and enrol it with a new key.");

    private static BrokerIdentity Identity(string tenant, string device)
    {
        try
        {
            return BrokerIdentity.Device(tenant, device);
        }
        catch (ArgumentException e)
        {
            throw new EnrolmentException(EnrolmentRefusal.Request, e.Message);
        }
    }

    private static StoredCertificate Record(X509Certificate2 certificate) => new(
        certificate.SerialNumberBytes.ToArray(),
        HashOf(certificate.PublicKey),
        certificate.NotAfter.ToUniversalTime(),
        certificate.RawData);

    private static byte[] HashOf(PublicKey key) => SHA256.HashData(key.ExportSubjectPublicKeyInfo());

    // The same request once more: its key is the one that has the certificate, and proves it by its signature.
    private EnrolledDevice? Again(string tenant, string device, byte[] csr, byte[] keyHash)
    {
        StoredCertificate? issued = store.Find(tenant, device) == DeviceEnrolment.Active
            ? store.Certificates(tenant, device).FirstOrDefault(c => !c.Revoked && c.KeyHash.AsSpan().SequenceEqual(keyHash))
            : null;
        if (issued is null || !HashOf(SigningRequests.KeyOf(csr)).AsSpan().SequenceEqual(keyHash))
        {
            return null;
        }

        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(issued.Der);
        return Result(BrokerIdentity.Device(tenant, device), certificate);
    }

    private EnrolledDevice Result(BrokerIdentity identity, X509Certificate2 certificate) => new(
        identity.Tenant, identity.Name, certificate.ExportCertificatePem(), folder.CaPem, certificate.SerialNumber, certificate.NotAfter.ToUniversalTime());

    private X509Certificate2 Issue(byte[] csr, BrokerIdentity identity, DateTimeOffset now) => folder.IssueClient(SigningRequests.KeyOf(csr), identity, now + Lifetime);

    private void Active(BrokerIdentity identity)
    {
        DeviceEnrolment state = store.Find(identity.Tenant, identity.Name);
        if (state != DeviceEnrolment.Active)
        {
            throw state == DeviceEnrolment.None
                ? new EnrolmentException(EnrolmentRefusal.NoSuchDevice, $"No device {identity.Name} is enrolled.")
                : new EnrolmentException(EnrolmentRefusal.Conflict, $"{identity.Name} is revoked; retire it and enrol it again.");
        }
    }

    private async Task EndAsync(string tenant, string device, bool forget, CancellationToken cancellation)
    {
        BrokerIdentity identity = Identity(tenant, device);
        bool known = store.Revoke(tenant, device, forget);
        if (!folder.Withdraw(identity) && !known)
        {
            throw new EnrolmentException(EnrolmentRefusal.NoSuchDevice, $"No device {device} is enrolled.");
        }

        PublishRevocations();
        using BrokerProcess? broker = BrokerProcess.TryAttach(folder);
        if (broker is not null)
        {
            await broker.ReloadAsync(cancellation).ConfigureAwait(false);
            await broker.DisconnectAsync(identity, cancellation).ConfigureAwait(false);
        }
    }

    // Read and written under one lock: of two revocations at a time the later list has both.
    private void PublishRevocations()
    {
        lock (_publishing)
        {
            folder.PublishRevocations(store.RevokedSerials(clock.GetUtcNow()));
        }
    }

    private async Task ReloadAsync(CancellationToken cancellation)
    {
        using BrokerProcess? broker = BrokerProcess.TryAttach(folder);
        if (broker is not null)
        {
            await broker.ReloadAsync(cancellation).ConfigureAwait(false);
        }
    }
}
