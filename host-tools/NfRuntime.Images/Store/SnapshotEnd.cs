using System.Buffers.Binary;

namespace NfRuntime.Images.Store;

/// <summary>The content of an END record.</summary>
internal static class SnapshotEnd
{
    /// <summary>Records of the snapshot before END; null when END has another size.</summary>
    public static uint? Count(JournalRecord end) =>
        end.Content.Length == JournalFormat.EndBytes ? BinaryPrimitives.ReadUInt32LittleEndian(end.Content.Span) : null;
}
