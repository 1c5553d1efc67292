using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;

namespace NfRuntime.VirtualDevice;

/// <summary>The root's public key, which a board has in its firmware.</summary>
internal static class RootKeyFile
{
    private const int MaxBytes = 64 << 10;

    /// <returns>x‖y, 64 bytes.</returns>
    /// <exception cref="RefusedException">The file holds no P-256 public key in PEM form.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            if (new FileInfo(path) is not { Exists: true, Length: > 0 and <= MaxBytes })
            {
                throw new RefusedException("input", $"there is no {path}, or it is no key");
            }

            using ECDsa key = ECDsa.Create();
            key.ImportFromPem(Encoding.ASCII.GetString(File.ReadAllBytes(path)));
            ECParameters parameters = key.ExportParameters(includePrivateParameters: false);
            return parameters.Q is { X.Length: 32, Y.Length: 32 }
                ? [.. parameters.Q.X, .. parameters.Q.Y]
                : throw new RefusedException("root-key", $"{path} holds no P-256 key");
        }
        catch (Exception e) when (e is IOException or ArgumentException or CryptographicException)
        {
            throw new RefusedException("root-key", $"{path} holds no P-256 public key in PEM form");
        }
    }
}
