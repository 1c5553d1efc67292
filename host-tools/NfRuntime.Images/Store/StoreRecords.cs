using System;
using System.Collections.Generic;

namespace NfRuntime.Images.Store;

/// <summary>What a slot holds.</summary>
public abstract record StoreRecord;

/// <summary>A record whose content breaks the format.</summary>
/// <param name="Type">Of the record.</param>
/// <param name="Rule">What is wrong, as the rest of a sentence.</param>
public sealed record BrokenRecord(RecordType Type, string Rule) : StoreRecord;

/// <summary>Slot 0.</summary>
/// <param name="KeyList">Slot of the key list's blob; null without one.</param>
/// <param name="Epoch">Counts changes of the firmware.</param>
/// <param name="KeyListVersion">Monotonic.</param>
/// <param name="Generation">Of the desired document, monotonic.</param>
/// <param name="KnownTime">Seconds of Unix time that have passed for certain; 0 unknown.</param>
/// <param name="Firmware">Identity of the firmware that last ran: 16 bytes as hex.</param>
/// <param name="IsRestartPlanned">The next reset is no strike.</param>
public sealed record SettingsRecord(
    ushort? KeyList, ushort Epoch, uint KeyListVersion, ulong Generation, ulong KnownTime, string Firmware, bool IsRestartPlanned) : StoreRecord;

/// <summary>States of a blob; the numbers are permanent.</summary>
public enum BlobState
{
    Writing = 1,

    /// <summary>Its digest was verified on flash.</summary>
    Complete = 2,
    Damaged = 3,

    /// <summary>A block that cannot be used.</summary>
    Bad = 4,
}

/// <summary>A blob's record.</summary>
/// <param name="Digest">SHA-256.</param>
/// <param name="Offset">Of its extent in the blob region.</param>
/// <param name="Bytes">1 … 16 MiB.</param>
/// <param name="Copy">Offset of the extent to which it is being copied; null without one.</param>
/// <param name="Frontier">Where the clean tail begins once this record holds; null for none.</param>
/// <param name="State">How far it is.</param>
/// <param name="Written">Bytes programmed for it so far.</param>
/// <param name="Chunks">While it is written: number of chunks; else 0.</param>
/// <param name="ChunksWritten">While it is written: chunks that are there.</param>
public sealed record BlobRecord(
    Digest Digest, uint Offset, uint Bytes, uint? Copy, uint? Frontier, BlobState State, uint Written, int Chunks, int ChunksWritten) : StoreRecord;

/// <summary>Places of a name's versions.</summary>
public enum VersionPlace
{
    Confirmed = 0,
    Candidate = 1,
    Previous = 2,
}

/// <summary>A version of a name.</summary>
/// <param name="State">A number of <see cref="VersionState"/>, or a later one.</param>
/// <param name="Reason">A number of <see cref="VersionReason"/>, or a later one.</param>
/// <param name="Strikes">Three return the device to the confirmed version.</param>
/// <param name="Attempts">Self-tests begun.</param>
/// <param name="Counter">Security counter.</param>
/// <param name="Slots">Slots of the manifest and of the sections by kind; null for none.</param>
/// <param name="Epoch">Of the firmware that validated it.</param>
public sealed record VersionRecord(
    VersionState State, VersionReason Reason, byte Strikes, byte Attempts, uint Counter, IReadOnlyList<ushort?> Slots, ushort Epoch);

/// <summary>The candidate that was rejected last.</summary>
/// <param name="Manifest">SHA-256 of its manifest.</param>
/// <param name="Reason">Why.</param>
/// <param name="Detail">By reason.</param>
public sealed record RejectedRecord(Digest Manifest, VersionReason Reason, ushort Detail);

/// <summary>A capsule's name and its versions.</summary>
/// <param name="Name">Bytes that are no UTF-8 are replaced.</param>
/// <param name="Failures">Candidates rejected one after the other.</param>
/// <param name="Floor">Lowest security counter.</param>
/// <param name="Versions">By place.</param>
/// <param name="Rejected">Null when none was.</param>
public sealed record NameRecord(
    string Name, byte Failures, uint Floor, IReadOnlyDictionary<VersionPlace, VersionRecord> Versions, RejectedRecord? Rejected) : StoreRecord;

/// <summary>States of a version (firmware/store/nfr_lifecycle.h).</summary>
public enum VersionState
{
    None = 0,
    Fetching = 1,
    Staged = 2,
    Testing = 3,
    Trial = 4,
    Confirmed = 5,
    Rejected = 6,
    Superseded = 7,
}

/// <summary>Why a version is where it is (firmware/store/nfr_lifecycle.h).</summary>
public enum VersionReason
{
    None = 0,
    Signature = 1,
    Corrupt = 2,
    Digest = 3,
    DoesNotFit = 4,
    Unsupported = 5,
    Rollback = 6,
    NoSpace = 7,
    Abi = 8,
    SelfTest = 9,
    Deadline = 10,
    Health = 11,
    Fault = 12,
    Watchdog = 13,
    Panic = 14,
    BrownOut = 15,
    Reset = 16,
    Operator = 17,
    Damaged = 18,
    Missing = 19,
    TooManyFailures = 20,
    AlreadyRejected = 21,
    AlreadyHere = 22,
    Gate = 23,
    NoVectors = 24,
}

/// <summary>Words for states and reasons; a number that is not known here is printed as it is.</summary>
public static class StoreWords
{
    private static readonly string[] Sections = ["manifest", "model", "managed", "vectors", "baseline", "labels"];

    /// <summary>"trial", "state 9".</summary>
    public static string Of(VersionState state) => Enum.IsDefined(state) ? state.ToString().ToLowerInvariant() : $"state {(int)state}";

    /// <summary>"brown-out", "reason 40".</summary>
    public static string Of(VersionReason reason) => Enum.IsDefined(reason) ? Hyphenated(reason.ToString()) : $"reason {(int)reason}";

    /// <summary>What the blob at this index of a version is: "manifest", "model".</summary>
    public static string Section(int index) => Sections[index];

    private static string Hyphenated(string name) =>
        string.Concat(System.Linq.Enumerable.Select(name, (c, index) => index > 0 && char.IsUpper(c) ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}
