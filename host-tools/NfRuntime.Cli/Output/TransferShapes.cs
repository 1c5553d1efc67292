using System.Collections.Generic;
using System.Linq;
using NfRuntime.Cli.Registry;
using NfRuntime.Images.Registry;

namespace NfRuntime.Cli.Output;

/// <summary>push --json and pull --json; bytes moved + mounted + present = bytes.</summary>
internal sealed record TransferShape(
    IReadOnlyList<string> Tags, string Digest, long Bytes, long MovedBytes, long MountedBytes, long PresentBytes, IReadOnlyList<BlobShape> Blobs)
{
    public static TransferShape Of(IReadOnlyList<string> tags, TransferResult result, string moved) => new(
        tags,
        result.Root.Digest.ToString(),
        result.Blobs.Sum(blob => blob.Blob.Size),
        result.BytesOf(TransferState.Moved),
        result.BytesOf(TransferState.Mounted),
        result.BytesOf(TransferState.Present),
        [.. result.Blobs.Select(blob => new BlobShape(blob.Title, blob.Blob.Digest.ToString(), blob.Blob.Size, TransferDisplay.Word(blob.State, moved)))]);
}

/// <summary>A blob or manifest; state is pushed or fetched, mounted, or present.</summary>
internal sealed record BlobShape(string Title, string Digest, long Bytes, string State);

/// <summary>login --json.</summary>
internal sealed record LoginShape(string Registry, string User);

/// <summary>logout --json.</summary>
internal sealed record LogoutShape(string Registry, bool LoggedOut);
