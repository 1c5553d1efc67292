using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using NfRuntime.Images;

namespace NfRuntime.Fleet.Distribution;

/// <summary>Which distributor serves a blob: PROTOCOL.md §5.3.</summary>
internal static class Rendezvous
{
    /// <summary>The one with the largest weight among those present; null when there is none.</summary>
    public static string? Owner(Digest blob, IEnumerable<string> present) =>
        present.OrderByDescending(name => Weight(blob, name)).ThenBy(name => name, StringComparer.Ordinal).FirstOrDefault();

    public static ulong Weight(Digest blob, string distributor) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData([.. blob.ToByteArray(), .. Encoding.ASCII.GetBytes(distributor)]));
}
