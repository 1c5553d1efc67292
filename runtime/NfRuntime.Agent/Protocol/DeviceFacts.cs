namespace NfRuntime.Agent.Protocol;

/// <summary>What a board is and can (PROTOCOL.md §4.2); a board's file fills it.</summary>
public sealed class DeviceFacts
{
    public const int BlockSource = 1;
    public const int RangeSource = 2;
    public const int DeltaSource = 4;

    public string Board { get; set; } = string.Empty;

    /// <summary>As in manifests, such as "cortex-m4".</summary>
    public string Target { get; set; } = string.Empty;

    public int AbiMajor { get; set; } = 1;

    public int AbiMinor { get; set; }

    public int PlanMajor { get; set; } = 1;

    public int PlanMinor { get; set; }

    /// <summary>Bit set of packing layouts.</summary>
    public uint Layouts { get; set; }

    /// <summary>Bit set of operators, 16 bytes.</summary>
    public byte[] Operators { get; set; } = new byte[16];

    /// <summary>Bit set of enum nfr_capability.</summary>
    public uint Capabilities { get; set; }

    public int ArenaBytes { get; set; }

    public int StateBytes { get; set; }

    public int StackBytes { get; set; }

    public int ManagedHeapBytes { get; set; }

    public int StoreBytes { get; set; }

    /// <summary>Largest block that the device can take, log2: 10 … 15.</summary>
    public int LargestBlockLog2 { get; set; } = 12;

    /// <summary>What names the firmware that runs, 16 bytes.</summary>
    public byte[] Firmware { get; set; } = new byte[16];

    public string AgentVersion { get; set; } = "0.1.0";

    /// <summary>The hardware fence that is in force, or "none".</summary>
    public string Fence { get; set; } = "none";

    /// <summary>Writes the capability document; <paramref name="sources"/>: bit set of the constants above.</summary>
    public void Write(CborWriter writer, int sources)
    {
        writer.Clear();
        writer.Map(18);
        writer.Pair(0, 1);
        Text(writer, 1, Board);
        Text(writer, 2, Target);
        Version(writer, 3, AbiMajor, AbiMinor);
        Version(writer, 4, PlanMajor, PlanMinor);
        writer.Pair(5, Layouts);
        Bytes(writer, 6, Operators);
        writer.Pair(7, Capabilities);
        writer.Pair(8, (ulong)ArenaBytes);
        writer.Pair(9, (ulong)StateBytes);
        writer.Pair(10, (ulong)StackBytes);
        writer.Pair(11, (ulong)ManagedHeapBytes);
        writer.Pair(12, (ulong)StoreBytes);
        writer.Pair(13, (ulong)LargestBlockLog2);
        Bytes(writer, 14, Firmware);
        Text(writer, 15, AgentVersion);
        Text(writer, 16, Fence);
        writer.Pair(17, (ulong)sources);
    }

    private static void Text(CborWriter writer, int key, string text)
    {
        writer.Unsigned((ulong)key);
        writer.Text(text);
    }

    private static void Bytes(CborWriter writer, int key, byte[] bytes)
    {
        writer.Unsigned((ulong)key);
        writer.Bytes(bytes, 0, bytes.Length);
    }

    private static void Version(CborWriter writer, int key, int major, int minor)
    {
        writer.Unsigned((ulong)key);
        writer.List(2);
        writer.Unsigned((ulong)major);
        writer.Unsigned((ulong)minor);
    }
}
