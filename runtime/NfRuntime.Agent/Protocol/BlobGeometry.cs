namespace NfRuntime.Agent.Protocol;

/// <summary>How a blob is cut into blocks (PROTOCOL.md §5).</summary>
public static class BlobGeometry
{
    /// <summary>Blocks of a blob.</summary>
    public const int MaxBlocks = 512;

    /// <summary>log2 of the least block.</summary>
    public const int LeastLog2 = 10;

    /// <summary>What a device chooses by what is free of its managed heap: a block is held by the transport, and once more by sources that need a buffer.</summary>
    /// <param name="freeHeap">Bytes.</param>
    /// <param name="largestLog2">That it can take at all.</param>
    public static int Choice(int freeHeap, int largestLog2)
    {
        int choice = freeHeap >= 64 << 10 ? 12 : freeHeap >= 32 << 10 ? 11 : LeastLog2;
        return choice < largestLog2 ? choice : largestLog2;
    }

    /// <summary>log2 of the block for a blob: the device's choice, or what <see cref="MaxBlocks"/> demand.</summary>
    public static int Log2(int bytes, int choice)
    {
        int log2 = choice;
        while (Blocks(bytes, log2) > MaxBlocks)
        {
            log2++;
        }

        return log2;
    }

    public static int Blocks(int bytes, int log2)
    {
        return ((bytes - 1) >> log2) + 1;
    }

    /// <summary>Bytes of block <paramref name="index"/>, which the blob has.</summary>
    public static int BlockBytes(int bytes, int log2, int index)
    {
        int rest = bytes - (index << log2);
        return rest < 1 << log2 ? rest : 1 << log2;
    }
}
