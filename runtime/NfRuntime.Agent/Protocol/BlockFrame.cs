using NfRuntime.Native;

namespace NfRuntime.Agent.Protocol;

/// <summary>Reads block frames (PROTOCOL.md §5.2). One object reads them all.</summary>
public sealed class BlockFrame
{
    /// <summary>Bytes before the data.</summary>
    public const int HeaderBytes = 16;

    private const int Checked = 12;
    private const byte Magic = 0x42;

    public int Index { get; private set; }

    /// <summary>Bytes of the data, which begins at <see cref="HeaderBytes"/>.</summary>
    public int DataBytes { get; private set; }

    /// <summary>The last frame of a pass.</summary>
    public bool EndsPass { get; private set; }

    /// <summary>Whether the frame is a whole block of the blob that is being fetched.</summary>
    public bool Read(IDeviceStore store, byte[] frame, int count, int blobBytes, int log2)
    {
        if (count < HeaderBytes || frame[0] != Magic || frame[1] != 1 || frame[2] != log2 || frame[3] > 1 || Word(frame, 8) != (uint)blobBytes)
        {
            return false;
        }

        uint index = Word(frame, 4);
        if (index >= (uint)BlobGeometry.Blocks(blobBytes, log2))
        {
            return false;
        }

        Index = (int)index;
        DataBytes = BlobGeometry.BlockBytes(blobBytes, log2, Index);
        EndsPass = frame[3] == 1;
        return count == HeaderBytes + DataBytes && Word(frame, Checked) == Sum(store, frame, DataBytes);
    }

    private static uint Sum(IDeviceStore store, byte[] frame, int dataBytes)
    {
        return store.Crc32(store.Crc32(0, frame, 0, Checked), frame, HeaderBytes, dataBytes);
    }

    private static uint Word(byte[] bytes, int at)
    {
        return (uint)(bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24));
    }
}
