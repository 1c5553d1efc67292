using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Fleet.Data;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;

namespace NfRuntime.Fleet.Control;

/// <summary>Makes deltas between sections of versions that devices hold and those that they are to get; each one once.</summary>
internal sealed class DeltaMaker(FleetState state, ImageStore store)
{
    private const int WorthwhilePercent = 75;
    private readonly string _blobs = Path.Combine(Path.GetFullPath(state.Options.DeltaFolder), "blobs", "sha256");

    /// <summary>Deltas to the sections of <paramref name="target"/> that a device with these manifests lacks; at most one a section.</summary>
    public IReadOnlyList<DesiredDelta> For(CapsuleManifest target, IEnumerable<Digest> held)
    {
        CapsuleManifest[] bases = [.. held.Select(state.Manifest).OfType<ManifestRow>().Select(row => ManifestReader.ReadUnverified(row.Content))];
        HashSet<Digest> there = [.. bases.SelectMany(b => b.Sections).Select(s => s.Digest)];
        var deltas = new List<DesiredDelta>();
        foreach (SectionEntry section in target.Sections.Where(s => !there.Contains(s.Digest)))
        {
            SectionEntry? from = bases.Select(b => b.Section(section.Kind)).FirstOrDefault(s => s is not null);
            if (from is not null && Make(from, section) is { Delta: { } delta } made)
            {
                deltas.Add(new DesiredDelta(from.Digest, section.Digest, delta, made.Bytes));
            }
        }

        return deltas;
    }

    private DeltaRow Make(SectionEntry from, SectionEntry to)
    {
        if (state.Database.Delta(from.Digest, to.Digest) is { } known && (known.Delta is null || File.Exists(PathOf(known.Delta))))
        {
            return known;
        }

        DeltaRow made = Write(from, to);
        state.Database.Begin();
        state.Database.SaveDelta(from.Digest, to.Digest, made);
        return made;
    }

    private DeltaRow Write(SectionEntry from, SectionEntry to)
    {
        var none = new DeltaRow(null, 0);
        byte[] baseBlob;
        byte[] target;
        try
        {
            baseBlob = store.Fetch(new Descriptor(MediaTypes.Of(from.Kind), from.Digest, from.Size));
            target = store.Fetch(new Descriptor(MediaTypes.Of(to.Kind), to.Digest, to.Size));
        }
        catch (Exception e) when (e is ContentException or ImageStoreException)
        {
            return none; // a version that is no longer in the store cannot be a base
        }

        byte[] delta = DeltaWriter.Write(baseBlob, target);
        if (delta.Length > (long)target.Length * WorthwhilePercent / 100)
        {
            return none;
        }

        var digest = Digest.Of(delta);
        Store(digest, delta);
        return new DeltaRow(digest, delta.Length);
    }

    private string PathOf(Digest digest) => Path.Combine(_blobs, digest.Hex);

    private void Store(Digest digest, byte[] content)
    {
        Directory.CreateDirectory(_blobs);
        string temporary = Path.Combine(_blobs, ".new-" + Path.GetRandomFileName());
        using (FileStream file = File.Create(temporary))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, PathOf(digest), overwrite: true);
    }
}
