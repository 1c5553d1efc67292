using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Images.Oci;

/// <summary>The entries of a store's index.json: one a tag, or one without tag for an image that has none.</summary>
internal static class StoreEntries
{
    public static IReadOnlyList<StoredImage> Images(IReadOnlyList<Descriptor> entries) =>
        [.. entries.GroupBy(e => e.Digest).Select(g => new StoredImage(ImageWalk.Bare(g.First()), [.. g.Select(TagOf).OfType<string>().Order(StringComparer.Ordinal)]))
            .OrderBy(i => i.Tags.Count == 0).ThenBy(i => i.Tags is [string first, ..] ? first : "", StringComparer.Ordinal).ThenBy(i => i.Root.Digest)];

    public static IReadOnlyList<Descriptor> WithTags(IReadOnlyList<Descriptor> entries, Descriptor root, IReadOnlyList<string> tags)
    {
        // Images that lose a tag to this one keep an untagged entry when it was their last.
        IEnumerable<Descriptor> others = entries.Select(e => TagOf(e) is { } tag && tags.Contains(tag) ? ImageWalk.Bare(e) : e);
        return Normalize([.. others, .. tags.Select(t => Tagged(root, t)), ImageWalk.Bare(root)]);
    }

    public static IReadOnlyList<Descriptor> Without(IReadOnlyList<Descriptor> entries, Digest image, IReadOnlyList<string> tags) =>
        Normalize([.. entries.Where(e => e.Digest != image || (TagOf(e) is { } tag && !tags.Contains(tag)))]);

    // One entry a tag; an untagged one only for an image without tags; sorted, so that equal stores have equal files.
    private static List<Descriptor> Normalize(IReadOnlyList<Descriptor> entries)
    {
        HashSet<Digest> tagged = [.. entries.Where(e => TagOf(e) is not null).Select(e => e.Digest)];
        return [.. entries.Where(e => TagOf(e) is not null || !tagged.Contains(e.Digest)).DistinctBy(e => (e.Digest, TagOf(e)))
            .OrderBy(e => TagOf(e) ?? "", StringComparer.Ordinal).ThenBy(e => e.Digest)];
    }

    private static string? TagOf(Descriptor entry) => entry.Annotation(AnnotationNames.ReferenceName);

    private static Descriptor Tagged(Descriptor root, string tag) =>
        ImageWalk.Bare(root) with { Annotations = new Dictionary<string, string> { [AnnotationNames.ReferenceName] = tag } };
}
