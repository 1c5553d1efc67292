namespace NfRuntime.Agent.Protocol;

/// <summary>What a device lacks of a blob (PROTOCOL.md §5.1).</summary>
public static class WantDocument
{
    /// <summary>Writes it.</summary>
    /// <param name="writer">To write with.</param>
    /// <param name="digest">Of the blob, 32 bytes.</param>
    /// <param name="bytes">Of the blob.</param>
    /// <param name="log2">Of the block's size.</param>
    /// <param name="missing">Bit set of missing blocks.</param>
    /// <param name="missingBytes">Its bytes; 0: no longer wanted.</param>
    /// <param name="rate">Bytes in a second that the device can take; 0: any.</param>
    public static void Write(CborWriter writer, byte[] digest, int bytes, int log2, byte[] missing, int missingBytes, int rate)
    {
        writer.Clear();
        writer.Map(rate == 0 ? 5 : 6);
        writer.Pair(0, 1);
        writer.Unsigned(1);
        writer.Bytes(digest, 0, digest.Length);
        writer.Pair(2, (ulong)bytes);
        writer.Pair(3, (ulong)log2);
        writer.Unsigned(4);
        writer.Bytes(missing, 0, missingBytes);
        if (rate != 0)
        {
            writer.Pair(5, (ulong)rate);
        }
    }
}
