using System;
using System.Buffers;
using System.IO;
using System.Security.Cryptography;

namespace NfRuntime.VirtualDevice;

/// <summary>A blob that is missing, too large, or not what its digest says.</summary>
internal sealed class BlobException(string message) : Exception(message);

/// <summary>Where the virtual device fetches blobs by digest: the blobs folder of an OCI layout.</summary>
internal sealed class BlobFolder(string folder)
{
    private const string Prefix = "sha256:";

    private static readonly SearchValues<char> _hexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>Reads a blob; its size is checked before its content is read, its hash before it is returned.</summary>
    /// <param name="digest">sha256:HEX, lower case.</param>
    /// <param name="maxBytes">The largest size that is accepted.</param>
    /// <exception cref="BlobException">See the class.</exception>
    public byte[] Read(string digest, long maxBytes)
    {
        string hex = digest.StartsWith(Prefix, StringComparison.Ordinal) ? digest[Prefix.Length..] : string.Empty;
        if (hex.Length != 64 || hex.AsSpan().ContainsAnyExcept(_hexDigits))
        {
            throw new BlobException($"'{digest}' is no digest sha256:HEX");
        }

        string path = Path.Combine(folder, "sha256", hex);
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new BlobException($"blob {digest[..19]} is missing");
        }

        if (file.Length > maxBytes)
        {
            throw new BlobException($"blob {digest[..19]} has {file.Length} bytes; at most {maxBytes} are accepted");
        }

        byte[] bytes = File.ReadAllBytes(path);
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == hex
            ? bytes
            : throw new BlobException($"blob {digest[..19]} does not have its digest");
    }
}
