using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Images.Oci;

/// <summary>Which image a person means.</summary>
internal static class ImageResolver
{
    private const string DigestPrefix = "sha256:";

    public static StoredImage Find(IReadOnlyList<StoredImage> images, string reference)
    {
        if (ByTag(images, reference) is { } tagged)
        {
            return tagged;
        }

        if (DigestDigits(reference) is { } digits)
        {
            return ByDigest(images, digits, reference);
        }

        ImageReference parsed = ImageReference.Parse(reference);
        string[] alike = [.. images.SelectMany(i => i.Tags).Where(t => t.StartsWith(parsed.Repository + ":", StringComparison.Ordinal))];
        throw new ImageStoreException(StoreError.NotFound, $"there is no image {parsed}",
            alike.Length > 0 ? $"There is {string.Join(", ", alike.Take(8))}." : "capsule images lists what there is.");
    }

    /// <summary>The one tag that <paramref name="reference"/> names; null when it names the image by its digest.</summary>
    public static string? NamesOneTag(StoredImage image, string reference) =>
        ImageReference.TryParse(reference, out ImageReference? parsed) && parsed.Digest is null && image.Tags.Contains(parsed.TagName!) ? parsed.TagName : null;

    private static StoredImage? ByTag(IReadOnlyList<StoredImage> images, string reference)
    {
        if (!ImageReference.TryParse(reference, out ImageReference? parsed))
        {
            return null;
        }

        return parsed.Digest is null
            ? images.FirstOrDefault(i => i.Tags.Contains(parsed.TagName!))
            : images.FirstOrDefault(i => i.Root.Digest == parsed.Digest && (parsed.TagName is null || i.Tags.Contains(parsed.TagName)));
    }

    private static string? DigestDigits(string reference)
    {
        string digits = reference.StartsWith(DigestPrefix, StringComparison.Ordinal) ? reference[DigestPrefix.Length..] : reference;
        return digits.Length is >= Digest.ShortLength and <= 2 * Digest.ByteCount && Digest.IsLowerHex(digits) ? digits : null;
    }

    private static StoredImage ByDigest(IReadOnlyList<StoredImage> images, string digits, string reference)
    {
        StoredImage[] found = [.. images.Where(i => i.Root.Digest.Hex.StartsWith(digits, StringComparison.Ordinal))];
        return found.Length switch
        {
            1 => found[0],
            0 => throw new ImageStoreException(StoreError.NotFound, $"there is no image {reference}", "capsule images lists what there is."),
            _ => throw new ImageStoreException(StoreError.Ambiguous, $"{reference} begins the digests of {found.Length} images", "Give more digits."),
        };
    }
}
