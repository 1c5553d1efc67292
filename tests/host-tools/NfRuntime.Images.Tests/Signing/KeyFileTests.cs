using System;
using System.IO;
using System.Linq;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using NfRuntime.Images.Signing;
using Xunit;

namespace NfRuntime.Images.Tests.Signing;

public class KeyFileTests
{
    [Theory]
    [InlineData("")]
    [InlineData("correct horse")]
    public void A_saved_key_signs_as_before(string passphrase)
    {
        using var folder = new TemporaryFolder();
        using SigningKey key = SigningKey.Generate();
        KeyFiles.Save(key, folder["keys/publisher"], passphrase);

        Assert.Equal(passphrase.Length > 0, KeyFiles.IsEncrypted(folder["keys/publisher"]));
        using SigningKey read = KeyFiles.Load(folder["keys/publisher"], passphrase);
        Assert.Equal(key.SignHash(new byte[32]), read.SignHash(new byte[32]));
        Assert.Equal(key.PublicKey, KeyFiles.LoadPublic(KeyFiles.PublicPath(folder["keys/publisher"])));
        Assert.Equal(2, Directory.GetFiles(folder["keys"]).Length);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void The_private_file_is_its_owners_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "file modes are those of Unix");
        using var folder = new TemporaryFolder();
        KeyFiles.Save(TestKeys.Publisher, folder["key"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["key"]));

        foreach (UnixFileMode mode in (UnixFileMode[])[UnixFileMode.GroupRead, UnixFileMode.OtherRead, UnixFileMode.OtherWrite])
        {
            File.SetUnixFileMode(folder["key"], UnixFileMode.UserRead | UnixFileMode.UserWrite | mode);
            var thrown = Assert.Throws<KeyException>(() => KeyFiles.Load(folder["key"]));
            Assert.Contains("chmod 600", thrown.Remedy, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_key_is_never_replaced()
    {
        using var folder = new TemporaryFolder();
        KeyFiles.Save(TestKeys.Publisher, folder["key"]);
        byte[] before = File.ReadAllBytes(folder["key"]);
        Assert.Throws<KeyException>(() => KeyFiles.Save(TestKeys.Stranger, folder["key"]));
        Assert.Equal(before, File.ReadAllBytes(folder["key"]));
    }

    [Fact]
    public void A_wrong_or_missing_passphrase_is_said_without_a_secret()
    {
        char[] pem = TestKeys.Publisher.ToPem("right passphrase");
        string wrong = Assert.Throws<KeyException>(() => SigningKey.FromPem(pem, "wrong passphrase")).ToString();
        Assert.DoesNotContain("wrong passphrase", wrong, StringComparison.Ordinal);
        Assert.Contains("passphrase", Assert.Throws<KeyException>(() => SigningKey.FromPem(pem)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_encrypted_form_uses_AES_256_and_600_000_rounds()
    {
        string pem = new(TestKeys.Publisher.ToPem("x"));
        byte[] der = Convert.FromBase64String(string.Concat(pem.Split('\n').Where(l => !l.StartsWith('-'))));
        Assert.True(der.AsSpan().IndexOf(Convert.FromHexString("060960864801650304012A")) > 0, "aes256-CBC");
        Assert.True(der.AsSpan().IndexOf(Convert.FromHexString("06082A864886F70D0209")) > 0, "hmacWithSHA256");
        Assert.True(der.AsSpan().IndexOf(Convert.FromHexString("0203" + SigningKey.KdfIterations.ToString("X6"))) > 0, "iterations");
        Assert.True(SigningKey.KdfIterations >= 600_000);
    }

    [Fact]
    public void Foreign_keys_are_refused()
    {
        using ECDsa p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Throws<KeyException>(() => SigningKey.FromPem(p384.ExportPkcs8PrivateKeyPem()));
        Assert.Throws<KeyException>(() => PublicKey.FromPem(p384.ExportSubjectPublicKeyInfoPem()));
        Assert.Throws<KeyException>(() => PublicKey.FromPem("no key at all"));
        Assert.Throws<KeyException>(() => SigningKey.FromPem(TestKeys.Publisher.PublicKey.ToPem()));
        Assert.Throws<KeyException>(() => PublicKey.FromBytes(new byte[64]));
        Assert.Throws<KeyException>(() => SigningKey.FromScalar(new byte[32]));
        byte[] ones = [.. Enumerable.Repeat((byte)0xFF, 32)];
        Assert.Throws<KeyException>(() => SigningKey.FromScalar(ones));
    }

    [Fact]
    public void A_disposed_key_does_not_sign()
    {
        SigningKey key = TestKeys.Of("short-lived");
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.SignHash(new byte[32]));
        Assert.Throws<ObjectDisposedException>(() => key.ToPem());
    }
}
