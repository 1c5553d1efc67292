namespace NfRuntime.Images.Store;

/// <summary>Numbers of firmware/store/SPEC.md.</summary>
internal static class JournalFormat
{
    public const uint Magic = 0x4A52464E; // "NFRJ"
    public const byte FirstVersion = 1;
    public const byte Version = 2;
    public const byte StartFlag = 1;
    public const int HeaderBytes = 64;
    public const int HeaderCrcOffset = 60;
    public const int RecordHeadBytes = 8;
    public const int MaxContentBytes = 247;
    public const int EndBytes = 8;
    public const int SealPlaces = 8; // of A bytes, kept free behind END for seals
    public const ushort NoBlock = 0xFFFF;
    public const ushort NoSlot = 0xFFFF;
    public const uint NoOffset = 0xFFFFFFFF;
}

/// <summary>Types of records; the numbers are permanent.</summary>
public enum RecordType
{
    Settings = 1,
    Blob = 2,
    Name = 3,
    Free = 4,
    Seal = 5,
    End = 6,
}
