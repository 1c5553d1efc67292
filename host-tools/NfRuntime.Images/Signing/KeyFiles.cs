using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;

namespace NfRuntime.Images.Signing;

/// <summary>Keys on disk: PKCS#8 PEM, mode 0600, and beside it the public key with the suffix <c>.pub</c>.</summary>
public static class KeyFiles
{
    private const int MaxFileBytes = 64 << 10;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>The public key's file of <paramref name="privatePath"/>.</summary>
    public static string PublicPath(string privatePath) => privatePath + ".pub";

    /// <summary>Writes both files. Neither exists half written, the private one never with wider rights; an existing key is never replaced.</summary>
    /// <exception cref="KeyException">There is a key already.</exception>
    /// <exception cref="IOException">The files cannot be written.</exception>
    public static void Save(SigningKey key, string path, ReadOnlySpan<char> passphrase = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (File.Exists(path))
        {
            throw new KeyException($"{path} is there already") { Remedy = "Choose another name; a key is never overwritten." };
        }

        string full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        string temporary = full + "." + Path.GetRandomFileName();
        char[] pem = key.ToPem(passphrase);
        byte[] bytes = Encoding.ASCII.GetBytes([.. pem, '\n']);
        try
        {
            WriteOwnerOnly(temporary, bytes);
            File.Move(temporary, full, overwrite: false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            Array.Clear(pem);
            File.Delete(temporary);
        }

        try
        {
            File.WriteAllText(temporary, key.PublicKey.ToPem());
            File.Move(temporary, PublicPath(full), overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Reads a private key that only its owner may read.</summary>
    /// <exception cref="KeyException">Readable by others, no P-256 key, or a missing or wrong passphrase.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SigningKey Load(string path, ReadOnlySpan<char> passphrase = default)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(stream.SafeFileHandle) & Others) != 0)
        {
            throw new KeyException($"{path} can be read by others than its owner") { Remedy = $"chmod 600 {path}; if others had access, make a new key." };
        }

        byte[] bytes = ReadBounded(stream, path);
        char[] pem = Encoding.ASCII.GetChars(bytes);
        try
        {
            return SigningKey.FromPem(pem, passphrase);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            Array.Clear(pem);
        }
    }

    /// <summary>Whether the private key at <paramref name="path"/> needs a passphrase.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static bool IsEncrypted(string path)
    {
        using var reader = new StreamReader(path);
        return reader.ReadLine() == "-----BEGIN ENCRYPTED PRIVATE KEY-----";
    }

    /// <summary>Reads a public key file.</summary>
    /// <exception cref="KeyException">No P-256 public key.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static PublicKey LoadPublic(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return PublicKey.FromPem(Encoding.ASCII.GetString(ReadBounded(stream, path)));
    }

    private static byte[] ReadBounded(FileStream stream, string path)
    {
        if (stream.Length > MaxFileBytes)
        {
            throw new KeyException($"{path} has {stream.Length} bytes; a key file has at most {MaxFileBytes}");
        }

        var bytes = new byte[(int)stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static void WriteOwnerOnly(string path, byte[] bytes)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var stream = new FileStream(path, options);
        stream.Write(bytes);
        stream.Flush(flushToDisk: true);
    }
}
