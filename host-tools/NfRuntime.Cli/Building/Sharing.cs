using NfRuntime.Images.Building;
using NfRuntime.Images.Oci;

namespace NfRuntime.Cli.Building;

/// <summary>What an image has in common with others: bytes that need not be fetched again.</summary>
internal static class Sharing
{
    /// <summary>The image of the store that shares most with <paramref name="image"/>, by its first tag; 0 and null when none does.</summary>
    public static (long Bytes, string? Tag) Closest(ImageStore store, CapsuleImage image)
    {
        (long bytes, string? tag) = (0, null);
        foreach (StoredImage other in store.List())
        {
            if (other.Root.Digest == image.Root.Digest || other.Tags.Count == 0)
            {
                continue;
            }

            long shared = image.SharedBytes(CapsuleImage.Read(store, other.Root));
            (bytes, tag) = shared > bytes ? (shared, other.Tags[0]) : (bytes, tag);
        }

        return (bytes, tag);
    }
}
