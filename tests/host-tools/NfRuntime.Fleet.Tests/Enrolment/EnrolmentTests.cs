using System;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Fleet.Broker;
using NfRuntime.Fleet.Enrolment;
using NfRuntime.Fleet.Tests.Broker;
using Xunit;

namespace NfRuntime.Fleet.Tests.Enrolment;

/// <summary>Tokens, signing requests and certificates, without a broker.</summary>
public sealed class EnrolmentTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly TemporaryFolder _temporary = new();
    private readonly BrokerFolder _folder;
    private readonly SqliteEnrolmentStore _store;
    private readonly Clock _clock = new();
    private readonly EnrolmentAuthority _authority;

    public EnrolmentTests()
    {
        _folder = BrokerFolder.OpenOrCreate(Path.Combine(_temporary.Path, "broker"));
        _store = new SqliteEnrolmentStore(Path.Combine(_temporary.Path, "fleet.db"));
        _authority = new EnrolmentAuthority(_store, _folder, _clock);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_device_gets_a_certificate_of_its_name_for_its_key_and_nothing_else_that_it_asks_for()
    {
        using var device = new DeviceKey();
        byte[] greedy = device.Request(
            r =>
            {
                r.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
                r.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], true));
                var names = new SubjectAlternativeNameBuilder();
                names.AddDnsName("main.controller.acme");
                r.CertificateExtensions.Add(names.Build());
            },
            "CN=main.controller.acme");
        EnrolledDevice enrolled = await _authority.EnrolAsync(Token(), "gateway-01", greedy, Cancellation);
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(enrolled.Certificate);
        Assert.Equal("CN=gateway-01.acme", certificate.Subject);
        Assert.False(certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.Equal("1.3.6.1.5.5.7.3.2", Assert.Single(certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.OfType<Oid>()).Value);
        Assert.Empty(certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>());
        Assert.Equal(16, certificate.SerialNumberBytes.Length);
        Assert.Equal(2020, certificate.NotBefore.ToUniversalTime().Year);
        Assert.InRange(certificate.NotAfter.ToUniversalTime() - _clock.GetUtcNow(), TimeSpan.FromDays(729), TimeSpan.FromDays(731));
        Assert.Contains(BrokerIdentity.Device("acme", "gateway-01"), _folder.Allowed());

        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        using X509Certificate2 ca = X509Certificate2.CreateFromPem(enrolled.Ca);
        chain.ChainPolicy.CustomTrustStore.Add(ca);
        Assert.True(chain.Build(certificate));
    }

    [Fact]
    public async Task A_token_is_good_once()
    {
        string token = Token();
        using DeviceKey first = new(), second = new();
        await _authority.EnrolAsync(token, "one", first.Request(), Cancellation);
        await Refused(EnrolmentRefusal.Token, "used", token, "two", second.Request());
        Assert.Equal(DeviceEnrolment.None, _store.Find("acme", "two"));
        await _authority.EnrolAsync(Token(), "two", second.Request(), Cancellation);
    }

    [Fact]
    public async Task Of_twenty_at_a_time_with_one_token_one_gets_in()
    {
        string token = Token();
        DeviceKey[] keys = [.. Enumerable.Range(0, 20).Select(_ => new DeviceKey())];
        bool[] won = await Task.WhenAll(keys.Select((key, i) => Task.Run(
            async () =>
            {
                try
                {
                    await _authority.EnrolAsync(token, $"d{i}", key.Request(), Cancellation);
                    return true;
                }
                catch (EnrolmentException e) when (e.Refusal == EnrolmentRefusal.Token)
                {
                    return false;
                }
            },
            Cancellation)));
        Assert.Single(won, w => w);
        Assert.Single(_store.Devices());
        Array.ForEach(keys, k => k.Dispose());
    }

    [Fact]
    public async Task An_expired_a_foreign_and_an_invented_token_are_refused()
    {
        using var device = new DeviceKey();
        string expiring = Token(), bound = _authority.CreateToken("acme", "gateway-01", Hour).Token;
        await Refused(EnrolmentRefusal.Token, "another device", bound, "gateway-02", device.Request());
        _clock.Ahead = Hour;
        await Refused(EnrolmentRefusal.Token, "expired", expiring, "gateway-01", device.Request());
        _clock.Ahead = Hour - TimeSpan.FromSeconds(2);
        foreach (string invented in new[] { "", "short", new string('A', 43), expiring + "A", expiring[..42] + "!", null! })
        {
            await Refused(EnrolmentRefusal.Token, "unknown", invented, "gateway-01", device.Request());
        }

        Assert.Empty(_store.Devices());
        await _authority.EnrolAsync(bound, "gateway-01", device.Request(), Cancellation); // after all that, it is still good for its device
        Assert.Equal([("acme", "gateway-01", DeviceEnrolment.Active)], _store.Devices());
    }

    [Fact]
    public async Task Tokens_are_not_in_the_database()
    {
        string token = Token();
        string[] files = Directory.GetFiles(_temporary.Path, "fleet.db*");
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            string content = await reader.ReadToEndAsync(Cancellation);
            Assert.DoesNotContain(token, content);
            Assert.DoesNotContain(Encoding.Latin1.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token)), content);
        }
    }

    [Fact]
    public async Task A_signing_request_must_be_small_whole_on_P256_and_signed_by_its_key()
    {
        string token = Token();
        using var device = new DeviceKey();
        byte[] good = device.Request();
        byte[] tampered = [.. good];
        tampered[^1] ^= 1;
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        byte[][] bad =
        [
            [], [0x30], tampered, [.. good, 0], good[..^1], new byte[5000], Encoding.ASCII.GetBytes("-----BEGIN CERTIFICATE REQUEST-----"),
            new CertificateRequest("CN=x", p384, HashAlgorithmName.SHA256).CreateSigningRequest(),
            new CertificateRequest("CN=x", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest(),
            device.Request(r => r.CertificateExtensions.Add(new X509Extension("1.2.3", new byte[5000], false))),
        ];
        foreach (byte[] csr in bad)
        {
            await Refused(EnrolmentRefusal.Request, "signing request", token, "gateway-01", csr);
        }

        await _authority.EnrolAsync(token, "gateway-01", good, Cancellation);
    }

    [Theory]
    [InlineData("Gateway")]
    [InlineData("a.b")]
    [InlineData("a/b")]
    [InlineData("a+")]
    [InlineData("#")]
    [InlineData("")]
    [InlineData("a\nuser main.controller.acme")]
    [InlineData("ä")]
    [InlineData("a23456789012345678901234567890123")]
    public async Task A_name_that_could_be_anything_else_is_refused(string name)
    {
        using var device = new DeviceKey();
        await Refused(EnrolmentRefusal.Request, "", Token(), name, device.Request());
        Assert.Throws<EnrolmentException>(() => _authority.CreateToken(name, null, Hour));
        Assert.Empty(_folder.Allowed());
    }

    [Fact]
    public async Task A_name_or_a_key_that_is_known_is_refused_until_the_device_is_retired_and_the_key_for_ever()
    {
        using DeviceKey first = new(), second = new(), third = new();
        await _authority.EnrolAsync(Token(), "one", first.Request(), Cancellation);
        string token = Token();
        await Refused(EnrolmentRefusal.Conflict, "enrolled before", token, "one", second.Request());
        await Refused(EnrolmentRefusal.Conflict, "key", token, "two", first.Request());
        Assert.Equal(DeviceEnrolment.None, _store.Find("acme", "two"));
        await _authority.RevokeAsync("acme", "one", Cancellation);
        await Refused(EnrolmentRefusal.Conflict, "enrolled before", token, "one", second.Request());
        await _authority.RetireAsync("acme", "one", Cancellation);
        await Refused(EnrolmentRefusal.Conflict, "key", token, "one", first.Request());
        await _authority.EnrolAsync(token, "one", third.Request(), Cancellation);
        Assert.Single(_store.RevokedSerials(_clock.GetUtcNow()));
    }

    [Fact]
    public async Task A_rotation_keeps_the_certificate_before_it_and_revokes_older_ones()
    {
        using DeviceKey first = new(), second = new(), third = new(), stranger = new();
        await _authority.EnrolAsync(Token(), "one", first.Request(), Cancellation);
        await _authority.RotateAsync("acme", "one", second.Request(), Cancellation);
        Assert.All(_store.Certificates("acme", "one"), c => Assert.False(c.Revoked));
        EnrolmentException again = await Assert.ThrowsAsync<EnrolmentException>(() => _authority.RotateAsync("acme", "one", first.Request(), Cancellation));
        Assert.Equal(EnrolmentRefusal.Conflict, again.Refusal);
        Assert.All(_store.Certificates("acme", "one"), c => Assert.False(c.Revoked)); // a refused rotation revokes nothing
        await _authority.RotateAsync("acme", "one", third.Request(), Cancellation);
        Assert.Equal([true, false, false], _store.Certificates("acme", "one").Select(c => c.Revoked));
        EnrolmentException none = await Assert.ThrowsAsync<EnrolmentException>(() => _authority.RotateAsync("other", "one", stranger.Request(), Cancellation));
        Assert.Equal(EnrolmentRefusal.NoSuchDevice, none.Refusal);
    }

    [Fact]
    public async Task Who_lost_the_answer_asks_again_and_gets_the_same_certificate_and_nobody_else_does()
    {
        using DeviceKey first = new(), second = new(), thief = new();
        string token = Token();
        EnrolledDevice enrolled = await _authority.EnrolAsync(token, "one", first.Request(), Cancellation);
        _folder.Withdraw(BrokerIdentity.Device("acme", "one")); // as if the first attempt had ended before it got there
        Assert.Equal(enrolled, await _authority.EnrolAsync(token, "one", first.Request(), Cancellation));
        Assert.Single(_folder.Allowed());
        await Refused(EnrolmentRefusal.Token, "used", token, "one", thief.Request());
        await Refused(EnrolmentRefusal.Token, "used", token, "two", first.Request());

        EnrolledDevice rotated = await _authority.RotateAsync("acme", "one", second.Request(), Cancellation);
        Assert.NotEqual(enrolled.Serial, rotated.Serial);
        Assert.Equal(rotated, await _authority.RotateAsync("acme", "one", second.Request(), Cancellation));
        Assert.Equal(2, _store.Certificates("acme", "one").Count);

        await _authority.RevokeAsync("acme", "one", Cancellation);
        await Refused(EnrolmentRefusal.Token, "used", token, "one", first.Request());
        _clock.Ahead = Hour;
        await Refused(EnrolmentRefusal.Token, "used", token, "one", first.Request());
    }

    [Fact]
    public async Task What_a_crash_left_undone_in_the_brokers_folder_is_made_up_for()
    {
        using DeviceKey first = new(), second = new();
        await _authority.EnrolAsync(Token(), "one", first.Request(), Cancellation);
        await _authority.EnrolAsync(Token(), "two", second.Request(), Cancellation);
        _store.Revoke("acme", "two", forget: false); // and then the power went
        _folder.Withdraw(BrokerIdentity.Device("acme", "one"));
        _folder.Allow(BrokerIdentity.Distributor("acme", "x"));

        var reopened = new EnrolmentAuthority(new SqliteEnrolmentStore(Path.Combine(_temporary.Path, "fleet.db")), _folder, _clock);
        await reopened.SynchronizeAsync(Cancellation);
        Assert.Equal(["one.acme", "x.distributor.acme"], _folder.Allowed().Select(i => i.UserName));
        Assert.Contains("X509 CRL", await File.ReadAllTextAsync(Path.Combine(_folder.FullPath, "crl.pem"), Cancellation));
    }

    public void Dispose()
    {
        _folder.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _temporary.Dispose();
    }

    private string Token() => _authority.CreateToken("acme", null, Hour).Token;

    private async Task Refused(EnrolmentRefusal refusal, string words, string token, string device, byte[] csr)
    {
        EnrolmentException thrown = await Assert.ThrowsAsync<EnrolmentException>(() => _authority.EnrolAsync(token, device, csr, Cancellation));
        Assert.Equal(refusal, thrown.Refusal);
        Assert.Contains(words, thrown.Message);
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow + Ahead;
    }
}
