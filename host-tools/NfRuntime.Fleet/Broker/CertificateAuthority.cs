using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace NfRuntime.Fleet.Broker;

/// <summary>
/// The broker's own certificate authority (P-256): signs the broker's certificate, devices' and roles' certificates, and the revocation list.
/// Everything is valid from 2020 on: a device's clock may be unknown or slow, and what is revoked stands in the list.
/// </summary>
public sealed class CertificateAuthority : IDisposable
{
    /// <summary>Before any clock that counts.</summary>
    public static readonly DateTimeOffset NotBefore = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const int AuthorityYears = 20, ServerYears = 10, MaxPemBytes = 16 << 10, SerialBytes = 16;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1", ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private readonly X509Certificate2 _certificate;

    private CertificateAuthority(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>The authority's certificate, PEM: what clients and broker trust.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem();

    /// <summary>Opens the authority of a folder (<c>ca.crt</c>, <c>ca.key</c>), or makes one there.</summary>
    /// <exception cref="BrokerException">The files are damaged or do not belong together.</exception>
    public static CertificateAuthority OpenOrCreate(string folder)
    {
        string certificateFile = Path.Combine(folder, "ca.crt"), keyFile = Path.Combine(folder, "ca.key");
        if (File.Exists(certificateFile) != File.Exists(keyFile))
        {
            throw new BrokerException($"{folder} has one of ca.crt and ca.key, and needs both or neither.");
        }

        return File.Exists(keyFile) ? Open(certificateFile, keyFile) : Create(certificateFile, keyFile);
    }

    /// <summary>Signs a client certificate: common name <see cref="BrokerIdentity.UserName"/>, client authentication only, a random serial of 128 bits.</summary>
    /// <param name="key">The client's public key, P-256.</param>
    /// <param name="identity">Whom it is for.</param>
    /// <param name="notAfter">The end; the authority's own end at most.</param>
    public X509Certificate2 IssueClient(PublicKey key, BrokerIdentity identity, DateTimeOffset notAfter)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return Issue(new CertificateRequest(Name(identity.UserName), key, HashAlgorithmName.SHA256), ClientAuthentication, notAfter);
    }

    /// <summary>Makes a key and a client certificate for a role on this machine.</summary>
    /// <returns>Certificate and PKCS#8 key, PEM.</returns>
    public (string Certificate, string Key) IssueClientWithKey(BrokerIdentity identity, DateTimeOffset notAfter)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 issued = IssueClient(new PublicKey(key), identity, notAfter);
        return (issued.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Makes the broker's key and certificate for these host names and addresses.</summary>
    public (string Certificate, string Key) IssueServer(IEnumerable<string> hosts)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name("nf-runtime broker"), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (string host in hosts)
        {
            if (IPAddress.TryParse(host, out IPAddress? address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 issued = Issue(request, ServerAuthentication, DateTimeOffset.UtcNow.AddYears(ServerYears));
        return (issued.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>The revocation list, PEM. OpenSSL refuses everybody when it is out of date, so it is good for as long as the authority.</summary>
    /// <param name="serials">Serials of revoked certificates, big-endian.</param>
    /// <param name="number">Rises with each list.</param>
    public string RevocationList(IEnumerable<byte[]> serials, long number)
    {
        ArgumentNullException.ThrowIfNull(serials);
        var list = new CertificateRevocationListBuilder();
        foreach (byte[] serial in serials)
        {
            list.AddEntry(serial, DateTimeOffset.UtcNow);
        }

        byte[] der = list.Build(_certificate, new BigInteger(number), _certificate.NotAfter.ToUniversalTime(), HashAlgorithmName.SHA256, thisUpdate: NotBefore);
        return PemEncoding.WriteString("X509 CRL", der);
    }

    public void Dispose() => _certificate.Dispose();

    private static CertificateAuthority Open(string certificateFile, string keyFile)
    {
        try
        {
            return new CertificateAuthority(X509Certificate2.CreateFromPem(Pem(certificateFile), Pem(keyFile)));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new BrokerException($"{certificateFile} and its key cannot be used: {e.Message}", e);
        }
    }

    private static string Pem(string path)
    {
        var file = new FileInfo(path);
        return file.Length <= MaxPemBytes ? File.ReadAllText(path) : throw new BrokerException($"{path} has {file.Length:N0} bytes and cannot be a PEM file of ours.");
    }

    private static CertificateAuthority Create(string certificateFile, string keyFile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name("nf-runtime broker CA"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using X509Certificate2 own = request.CreateSelfSigned(NotBefore, DateTimeOffset.UtcNow.AddYears(AuthorityYears));
        PrivateFiles.Write(keyFile, Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        PrivateFiles.Write(certificateFile, Encoding.ASCII.GetBytes(own.ExportCertificatePem()));
        return Open(certificateFile, keyFile);
    }

    private static X500DistinguishedName Name(string commonName)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(commonName);
        return name.Build();
    }

    private X509Certificate2 Issue(CertificateRequest request, string purpose, DateTimeOffset notAfter)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        byte[] serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40); // positive, and always of the same length
        DateTimeOffset end = _certificate.NotAfter;
        return request.Create(_certificate, NotBefore, notAfter < end ? notAfter : end, serial);
    }
}
