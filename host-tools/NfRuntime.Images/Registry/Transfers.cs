using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Images.Oci;

namespace NfRuntime.Images.Registry;

/// <summary>What became of a blob, or is becoming.</summary>
public enum TransferState
{
    /// <summary>On its way.</summary>
    Running,

    /// <summary>It was there already: nothing was sent.</summary>
    Present,

    /// <summary>The registry took it from another of its repositories: nothing was sent.</summary>
    Mounted,

    /// <summary>It was sent or fetched.</summary>
    Moved,
}

/// <summary>A blob or manifest of an image on its way.</summary>
/// <param name="Blob">Digest and size.</param>
/// <param name="Title">For people: <c>cortex-m4/model.nfrp</c>, <c>index</c>.</param>
/// <param name="State">What became of it.</param>
/// <param name="Bytes">Bytes so far; its size at the end.</param>
public sealed record BlobTransfer(Descriptor Blob, string Title, TransferState State, long Bytes);

/// <summary>What a push or pull did.</summary>
/// <param name="Root">The image.</param>
/// <param name="Blobs">Each blob and manifest once, in the order of their transfer.</param>
public sealed record TransferResult(Descriptor Root, IReadOnlyList<BlobTransfer> Blobs)
{
    /// <summary>Bytes of the blobs of a state.</summary>
    public long BytesOf(TransferState state) => Blobs.Where(blob => blob.State == state).Sum(blob => blob.Blob.Size);
}

/// <summary>Reports on transfers and remembers how they ended.</summary>
internal sealed class TransferLog(IProgress<BlobTransfer>? progress)
{
    private readonly List<BlobTransfer> _ended = [];

    public IReadOnlyList<BlobTransfer> Ended => _ended;

    public void End(Descriptor blob, string title, TransferState state)
    {
        var transfer = new BlobTransfer(blob, title, state, blob.Size);
        _ended.Add(transfer);
        progress?.Report(transfer);
    }

    /// <summary>Begins a transfer; the result takes its bytes so far.</summary>
    public IProgress<long> Begin(Descriptor blob, string title)
    {
        progress?.Report(new BlobTransfer(blob, title, TransferState.Running, 0));
        return new Bytes(bytes => progress?.Report(new BlobTransfer(blob, title, TransferState.Running, bytes)));
    }

    // Progress<T> would report later and elsewhere.
    private sealed class Bytes(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}

/// <summary>What people call the blobs of an image.</summary>
internal static class Titles
{
    /// <summary>Config and layers of a target.</summary>
    public static string Of(ImageVariant variant, Descriptor content) =>
        Prefix(variant) + (content == variant.Manifest.Config ? "config" : content.Annotation(AnnotationNames.Title) ?? content.Digest.Short);

    public static string Of(ImageVariant variant) => Prefix(variant) + "manifest";

    private static string Prefix(ImageVariant variant) => variant.Target is { } target ? target + "/" : "";
}
