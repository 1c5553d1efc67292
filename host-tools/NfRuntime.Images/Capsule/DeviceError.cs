namespace NfRuntime.Images.Capsule;

/// <summary>The firmware's error numbers (firmware/nfr.h) that concern a capsule: what a device would answer.</summary>
public enum DeviceError
{
    None = 0,

    /// <summary>Bytes break a rule of the format.</summary>
    Corrupt = -2,

    /// <summary>Unknown major version.</summary>
    Version = -3,

    /// <summary>Well formed, but needs something that this version does not know.</summary>
    Unsupported = -4,

    /// <summary>Signature wrong, key unknown or revoked, or the name lies outside the key's prefixes.</summary>
    Signature = -6,

    /// <summary>Security counter or key-list version below the floor.</summary>
    Rollback = -7,
}
