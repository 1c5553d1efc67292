using System;

namespace NfRuntime.Images.Capsule;

/// <summary>Bytes that a device would refuse: a manifest, key list, vectors or labels section (firmware/capsule/SPEC.md).</summary>
public sealed class ManifestFormatException : Exception
{
    internal ManifestFormatException(string document, int offset, string rule, string detail, DeviceError error = DeviceError.Corrupt)
        : base($"{document}, offset {offset}: {detail} ({rule})")
    {
        (Document, Offset, Rule, Error) = (document, offset, rule, error);
    }

    /// <summary>What was read: "manifest", "key list", "vectors" or "labels".</summary>
    public string Document { get; }

    /// <summary>Byte offset where the rule was broken.</summary>
    public int Offset { get; }

    /// <summary>The rule's permanent short name, for example "tlv-order".</summary>
    public string Rule { get; }

    /// <summary>The error that a device reports for these bytes; never <see cref="DeviceError.None"/>.</summary>
    public DeviceError Error { get; }
}
