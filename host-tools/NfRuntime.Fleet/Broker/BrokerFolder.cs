using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NfRuntime.Mosquitto;

namespace NfRuntime.Fleet.Broker;

/// <summary>
/// A folder (0700) with all that a mosquitto needs, files 0600: authority, broker's certificate, revocation list, ACL, configuration, database.
/// Clients prove who they are by a certificate; its common name is their user name and their client id. On the second listener, when there is one, a
/// password does. Several processes may have it open: each change is made to what the files say at that moment, under a lock. Thread-safe.
/// </summary>
public sealed class BrokerFolder : IDisposable
{
    private const string ClientFolder = "clients";
    private readonly CertificateAuthority _authority;

    private BrokerFolder(string path, BrokerSettings settings)
    {
        FullPath = path;
        Settings = settings;
        using IDisposable held = Hold();
        _authority = CertificateAuthority.OpenOrCreate(path);
        Access().Save();
        Passwords().Save();
        if (!File.Exists(Of("crl.pem")))
        {
            WriteRevocations([]);
        }
    }

    /// <summary>Absolute.</summary>
    public string FullPath { get; }

    public BrokerSettings Settings { get; }

    /// <summary>What every client must trust.</summary>
    public string CaFile => Of("ca.crt");

    /// <summary>The authority's certificate, PEM.</summary>
    public string CaPem => _authority.CertificatePem;

    internal string ConfigurationFile => Of("mosquitto.conf");

    internal string LogFile => Of("mosquitto.log");

    internal string ProcessFile => Of("mosquitto.pid");

    /// <summary>Opens a folder, or makes one with an authority of its own.</summary>
    /// <exception cref="BrokerException">The folder is damaged, or its path cannot stand in mosquitto's configuration.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static BrokerFolder OpenOrCreate(string path, BrokerSettings? settings = null)
    {
        string full = Path.GetFullPath(path);
        if (full.Any(char.IsControl))
        {
            throw new BrokerException("The broker's folder has a control character in its path.");
        }

        PrivateFiles.CreateFolder(full);
        return new BrokerFolder(full, settings ?? new BrokerSettings());
    }

    /// <summary>Lets an identity in; it takes effect when the broker reloads. True when it was not in.</summary>
    public bool Allow(BrokerIdentity identity) => Change(identity, (access, _) => access.Add(identity));

    /// <summary>Takes an identity's rights away; it takes effect when the broker reloads, for open connections too. True when it had any.</summary>
    public bool Withdraw(BrokerIdentity identity) => Change(identity, (access, passwords) => access.Remove(identity) | passwords.Remove(identity));

    /// <summary>Makes a password for an identity whose board cannot hold a certificate, in place of an earlier one, and lets it in; it takes effect when the broker reloads. Only its hash is kept. For the listener of <see cref="BrokerSettings.PasswordPort"/>; the user name is <see cref="BrokerIdentity.UserName"/>.</summary>
    public string IssuePassword(BrokerIdentity identity)
    {
        string password = "";
        Change(identity, (access, passwords) =>
        {
            password = passwords.Create(identity);
            access.Add(identity);
            return true;
        });
        return password;
    }

    /// <summary>Who is let in.</summary>
    public IReadOnlyList<BrokerIdentity> Allowed() => [.. Access().Users];

    /// <summary>Signs a certificate for a client's own key. Letting it in is <see cref="Allow"/>.</summary>
    /// <inheritdoc cref="CertificateAuthority.IssueClient"/>
    public X509Certificate2 IssueClient(PublicKey key, BrokerIdentity identity, DateTimeOffset notAfter) => _authority.IssueClient(key, identity, notAfter);

    /// <summary>Makes key and certificate for a client of this machine (controller, distributor, virtual device) under <c>clients/</c>, and lets it in. Ten years; delete the files or <see cref="Withdraw"/> it to end it.</summary>
    /// <returns>The files, as a client wants them.</returns>
    public MosquittoTls IssueFiles(BrokerIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        const int years = 10;
        MosquittoTls files = IssueFiles(identity, DateTimeOffset.UtcNow.AddYears(years));
        Allow(identity);
        return files;
    }

    /// <summary>Replaces the revocation list; it takes effect when the broker reloads, for new connections.</summary>
    /// <param name="serials">All revoked serials, big-endian.</param>
    public void PublishRevocations(IEnumerable<byte[]> serials)
    {
        using IDisposable held = Hold();
        WriteRevocations(serials);
    }

    public void Dispose() => _authority.Dispose();

    internal MosquittoTls IssueFiles(BrokerIdentity identity, DateTimeOffset notAfter) => Issue(identity, identity.UserName, notAfter);

    internal MosquittoTls IssueTemporary(BrokerIdentity identity, DateTimeOffset notAfter) => Issue(identity, $"{identity.UserName}.{Path.GetRandomFileName()}", notAfter);

    // The broker's certificate is made anew at each start: hosts may have changed, and nobody pins it.
    internal void WriteConfiguration(int port, int? passwordPort)
    {
        (string certificate, string key) = _authority.IssueServer(Settings.Hosts);
        PrivateFiles.Write(Of("server.key"), Encoding.ASCII.GetBytes(key));
        PrivateFiles.Write(Of("server.crt"), Encoding.ASCII.GetBytes(certificate));
        PrivateFiles.Write(ConfigurationFile, Encoding.UTF8.GetBytes(Configuration(port, passwordPort)));
    }

    private MosquittoTls Issue(BrokerIdentity identity, string fileName, DateTimeOffset notAfter)
    {
        (string certificate, string key) = _authority.IssueClientWithKey(identity, notAfter);
        PrivateFiles.CreateFolder(Of(ClientFolder));
        string name = Path.Combine(Of(ClientFolder), fileName);
        PrivateFiles.Write(name + ".key", Encoding.ASCII.GetBytes(key));
        PrivateFiles.Write(name + ".crt", Encoding.ASCII.GetBytes(certificate));
        return new MosquittoTls(CaFile, name + ".crt", name + ".key");
    }

    private bool Change(BrokerIdentity identity, Func<AccessList, PasswordList, bool> how)
    {
        ArgumentNullException.ThrowIfNull(identity);
        using IDisposable held = Hold();
        AccessList access = Access();
        PasswordList passwords = Passwords();
        bool changed = how(access, passwords);
        if (changed)
        {
            access.Save();
            passwords.Save();
        }

        return changed;
    }

    private IDisposable Hold() => FolderLock.Take(Of("lock"));

    private AccessList Access() => new(Of("acl"));

    private PasswordList Passwords() => new(Of("passwords"));

    private void WriteRevocations(IEnumerable<byte[]> serials) =>
        PrivateFiles.Write(Of("crl.pem"), Encoding.ASCII.GetBytes(_authority.RevocationList(serials, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds())));

    private string Of(string name) => Path.Combine(FullPath, name);

    // mosquitto 2.0, mosquitto.conf(5). It gives up root's rights by default and could not read these files then: root stays root.
    private string Configuration(int port, int? passwordPort) => string.Create(CultureInfo.InvariantCulture, $"""
        # Written by nf-runtime at each start; changes are lost.
        {(Environment.UserName == "root" ? "user root" : "")}
        per_listener_settings false
        allow_anonymous false
        acl_file {Of("acl")}
        {Listener(port)}
        cafile {CaFile}
        crlfile {Of("crl.pem")}
        require_certificate true
        use_identity_as_username true
        {(passwordPort is { } second ? $"{Listener(second)}\npassword_file {Of("passwords")}" : "")}
        set_tcp_nodelay true
        max_packet_size {Settings.MaxPacketBytes}
        max_queued_messages {Settings.MaxQueuedMessages}
        max_keepalive 3600
        persistence true
        persistence_location {FullPath}/
        persistence_file mosquitto.db
        autosave_interval {Settings.AutosaveSeconds}
        persistent_client_expiration 14d
        sys_interval 0
        log_dest file {LogFile}
        log_timestamp_format %Y-%m-%dT%H:%M:%S%z
        log_type error
        log_type warning
        log_type notice
        log_type information

        """);

    private string Listener(int port) => string.Create(CultureInfo.InvariantCulture, $"""
        listener {port} {Settings.Address}
        tls_version tlsv1.2
        certfile {Of("server.crt")}
        keyfile {Of("server.key")}
        use_username_as_clientid true
        """);
}
