namespace NfRuntime.Images.Capsule;

/// <summary>Numbers of firmware/capsule/SPEC.md, section 1.</summary>
internal static class ManifestFormat
{
    public const string Document = "manifest";
    public const uint Magic = 0x4352464E; // "NFRC"
    public const byte Major = 1;
    public const byte Minor = 0;
    public const int MinBytes = 80;
    public const int MaxBytes = 1024;
    public const int HeaderBytes = 8;
    public const int KeyIdBytes = 8;
    public const int SignatureBytes = 64;
    public const int TrailerBytes = KeyIdBytes + SignatureBytes;
    public const int Critical = 0x8000;
    public const int MaxPre = 4;
    public const uint KnownCapabilities = 0x7F;

    public const ushort Name = 0x8001;
    public const ushort Version = 0x8002;
    public const ushort Counter = 0x8003;
    public const ushort Target = 0x8004;
    public const ushort Engine = 0x8005;
    public const ushort Needs = 0x8006;
    public const ushort Operators = 0x8007;
    public const ushort Capabilities = 0x8008;
    public const ushort Processor = 0x8009;
    public const ushort Section = 0x8010;
    public const ushort Pre = 0x8020;
    public const ushort Post = 0x8021;
}
