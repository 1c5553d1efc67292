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

/// <summary>
/// Which deltas a deployment is to have: worked out with the controller's lock held (<see cref="Want"/>), made without it
/// (<see cref="DeltaMaker.Make"/>), since a megabyte takes a second and everybody else would wait.
/// </summary>
internal sealed class DeltaPlan(FleetState state, DeltaMaker maker)
{
    private readonly Dictionary<string, (CapsuleManifest Target, CapsuleManifest[] Bases)> _wanted = [];
    private readonly Dictionary<(Digest From, Digest To), DeltaRow> _known = [];

    /// <summary>Pairs of a held section and one that is to be had, of which the database knows no delta.</summary>
    public IReadOnlyList<(SectionEntry From, SectionEntry To)> Lacking =>
        [.. _wanted.Values.SelectMany(w => Pairs(w.Target, w.Bases)).DistinctBy(p => (p.From.Digest, p.To.Digest)).Where(p => !_known.ContainsKey((p.From.Digest, p.To.Digest)))];

    /// <summary>Deltas that were made for it.</summary>
    public IReadOnlyDictionary<(Digest From, Digest To), DeltaRow> Known => _known;

    /// <summary>A device is to have <paramref name="target"/> and holds versions with these manifests.</summary>
    public void Want(ManifestRow row, CapsuleManifest target, IReadOnlyList<Digest> held)
    {
        if (held.Count == 0 || !_wanted.TryAdd(Key(row.Digest, held), (target, [.. held.Select(state.Manifest).OfType<ManifestRow>().Select(m => ManifestReader.ReadUnverified(m.Content))])))
        {
            return;
        }

        foreach ((SectionEntry from, SectionEntry to) in Pairs(target, _wanted[Key(row.Digest, held)].Bases))
        {
            if (state.Database.Delta(from.Digest, to.Digest) is { } known && maker.IsThere(known))
            {
                _known[(from.Digest, to.Digest)] = known;
            }
        }
    }

    public void Add(SectionEntry from, SectionEntry to, DeltaRow made) => _known[(from.Digest, to.Digest)] = made;

    /// <summary>For a device: what was not foreseen (it holds other versions by now) has none.</summary>
    public IReadOnlyList<DesiredDelta> For(ManifestRow row, IReadOnlyList<Digest> held)
    {
        if (!_wanted.TryGetValue(Key(row.Digest, held), out (CapsuleManifest Target, CapsuleManifest[] Bases) wanted))
        {
            return [];
        }

        return
        [
            .. from pair in Pairs(wanted.Target, wanted.Bases)
               let made = _known.GetValueOrDefault((pair.From.Digest, pair.To.Digest))
               where made?.Delta is not null
               select new DesiredDelta(pair.From.Digest, pair.To.Digest, made.Delta!, made.Bytes),
        ];
    }

    private static string Key(Digest target, IReadOnlyList<Digest> held) => target.Hex + string.Concat(held.Select(h => h.Hex));

    // At most one a section.
    private static IEnumerable<(SectionEntry From, SectionEntry To)> Pairs(CapsuleManifest target, CapsuleManifest[] bases)
    {
        HashSet<Digest> there = [.. bases.SelectMany(b => b.Sections).Select(s => s.Digest)];
        foreach (SectionEntry section in target.Sections.Where(s => !there.Contains(s.Digest)))
        {
            if (bases.Select(b => b.Section(section.Kind)).FirstOrDefault(s => s is not null) is { } from)
            {
                yield return (from, section);
            }
        }
    }
}

/// <summary>Makes deltas and lays them down for the distributors; knows nothing of the controller's state and needs no lock of it.</summary>
internal sealed class DeltaMaker(string folder, ImageStore store)
{
    private const int WorthwhilePercent = 75;
    private readonly string _blobs = Path.Combine(Path.GetFullPath(folder), "blobs", "sha256");
    private readonly System.Threading.Lock _making = new();

    /// <summary>Makes what a plan lacks, and what is gone from the folder; one plan at a time, for memory's sake.</summary>
    public void Make(DeltaPlan plan)
    {
        lock (_making)
        {
            foreach ((SectionEntry from, SectionEntry to) in plan.Lacking)
            {
                plan.Add(from, to, Write(from, to));
            }
        }
    }

    /// <summary>Whether it is still in the folder; so is a delta that is none.</summary>
    public bool IsThere(DeltaRow row) => row.Delta is null || File.Exists(PathOf(row.Delta));

    /// <returns>Why it cannot be deleted; null: it is gone.</returns>
    public string? TryDelete(Digest delta)
    {
        try
        {
            File.Delete(PathOf(delta));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
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
