using System.Collections.Generic;

namespace NfRuntime.Images.Store;

/// <summary>A blob of the store.</summary>
/// <param name="Slot">Its slot.</param>
/// <param name="Blob">Its record.</param>
/// <param name="Kind">What it is to the space that it takes.</param>
/// <param name="References">Who refers to it: "model of fashion (confirmed)", "key list of the settings".</param>
/// <param name="IsIntact">Whether its bytes hash to its digest; null when they were not hashed.</param>
public sealed record StoredBlob(ushort Slot, BlobRecord Blob, SpaceKind Kind, IReadOnlyList<string> References, bool? IsIntact);

/// <summary>A name of the store.</summary>
/// <param name="Slot">Its slot.</param>
/// <param name="Name">Its record.</param>
public sealed record StoredName(ushort Slot, NameRecord Name);

/// <summary>A store on flash: what its device would find there, and what is wrong with it.</summary>
/// <param name="Image">The bytes.</param>
/// <param name="Journal">Blocks and records.</param>
/// <param name="Settings">Slot 0; null when it is empty or broken.</param>
/// <param name="Names">By slot.</param>
/// <param name="Blobs">By slot, blocks that cannot be used included.</param>
/// <param name="Frontier">Where the clean tail of a used block begins; null for nowhere.</param>
/// <param name="Space">The blob region.</param>
/// <param name="LiveBytes">Journal bytes of the live records.</param>
/// <param name="Problems">A sentence each, without a full stop.</param>
public sealed record StoreView(
    FlashImage Image,
    Journal Journal,
    SettingsRecord? Settings,
    IReadOnlyList<StoredName> Names,
    IReadOnlyList<StoredBlob> Blobs,
    uint? Frontier,
    SpaceMap Space,
    long LiveBytes,
    IReadOnlyList<string> Problems);
