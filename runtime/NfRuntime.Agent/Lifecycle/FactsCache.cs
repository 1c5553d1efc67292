using NfRuntime.Agent.Protocol;
using NfRuntime.Native;

namespace NfRuntime.Agent.Lifecycle;

/// <summary>Facts of the manifests that were verified in this boot, the newest 16: a verification costs a signature.</summary>
internal sealed class FactsCache
{
    private const int Capacity = 16;
    private const int HeaderBytes = 8;
    private const int MinManifest = 80;
    private const int MaxManifest = 1024;

    private readonly IDeviceStore _store;
    private readonly VersionFacts[] _facts = new VersionFacts[Capacity];
    private int _next;

    internal FactsCache(IDeviceStore store)
    {
        _store = store;
    }

    /// <summary>What is remembered, or null.</summary>
    internal VersionFacts Find(byte[] digest)
    {
        for (int i = 0; i < Capacity; i++)
        {
            if (_facts[i] != null && Digests.AreEqual(_facts[i].Manifest, digest))
            {
                return _facts[i];
            }
        }

        return null!;
    }

    internal VersionFacts Add(byte[] digest, byte[] manifest, CapsuleSummary summary)
    {
        VersionFacts facts = Find(digest);
        if (facts == null)
        {
            facts = new VersionFacts(_store, digest, manifest, summary);
            _facts[_next] = facts;
            _next = (_next + 1) % Capacity;
        }

        return facts;
    }

    /// <summary>Facts of a manifest that is here; null when it cannot be read or its signature counts no more.</summary>
    internal VersionFacts Load(byte[] digest)
    {
        VersionFacts facts = Find(digest);
        if (facts != null)
        {
            return facts;
        }

        byte[] manifest = Read(digest);
        if (manifest == null)
        {
            return null!;
        }

        CapsuleSummary summary = _store.Verify(manifest);
        return summary.Error == NativeError.Ok ? Add(digest, manifest, summary) : null!;
    }

    // A manifest says at byte 6 how long it is (firmware/capsule/SPEC.md §1).
    private byte[] Read(byte[] digest)
    {
        byte[] header = new byte[HeaderBytes];
        if (_store.Read(digest, 0, header, 0, HeaderBytes) < 0)
        {
            return null!;
        }

        int bytes = header[6] | (header[7] << 8);
        if (bytes < MinManifest || bytes > MaxManifest)
        {
            return null!;
        }

        byte[] manifest = new byte[bytes];
        return _store.Read(digest, 0, manifest, 0, bytes) < 0 ? null! : manifest;
    }
}
