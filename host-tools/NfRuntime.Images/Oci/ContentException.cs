using System;

namespace NfRuntime.Images.Oci;

/// <summary>Why content is refused.</summary>
public enum ContentError
{
    /// <summary>A blob that something points at is not there.</summary>
    Missing,

    /// <summary>The size differs from the descriptor's.</summary>
    Size,

    /// <summary>The content hashes to something else.</summary>
    Digest,

    /// <summary>More bytes or entries than are read here.</summary>
    TooLarge,

    /// <summary>Not the JSON, archive or layout that it should be.</summary>
    Malformed,

    /// <summary>An index inside an index.</summary>
    Nested,

    /// <summary>A media type that is no capsule's.</summary>
    Unsupported,

    /// <summary>A link, device or other irregular file.</summary>
    Irregular,
}

/// <summary>Content that cannot be trusted; nothing was changed.</summary>
public sealed class ContentException : Exception
{
    internal ContentException(ContentError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    public ContentError Error { get; }
}

/// <summary>Why a store cannot do what was asked.</summary>
public enum StoreError
{
    /// <summary>No image of that name or digest.</summary>
    NotFound,

    /// <summary>A short digest that begins several images.</summary>
    Ambiguous,

    /// <summary>Not a reference.</summary>
    Reference,

    /// <summary>Another process held the store for too long.</summary>
    Busy,

    /// <summary>The folder is something else, or a file operation failed.</summary>
    Unusable,
}

/// <summary>A store that cannot do what was asked; it is as it was.</summary>
public sealed class ImageStoreException : Exception
{
    internal ImageStoreException(StoreError error, string message, string? remedy = null, Exception? inner = null)
        : base(message, inner) => (Error, Remedy) = (error, remedy);

    public StoreError Error { get; }

    /// <summary>One line that says what to do, or null.</summary>
    public string? Remedy { get; }
}
