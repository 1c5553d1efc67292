using NfRuntime.Agent.Protocol;
using NfRuntime.Native;

namespace NfRuntime.Agent.Lifecycle;

/// <summary>What the agent remembers of a manifest once it was verified.</summary>
internal sealed class VersionFacts
{
    internal VersionFacts(IDeviceStore store, byte[] digest, byte[] manifest, CapsuleSummary summary)
    {
        Digests.Copy(digest, Manifest);
        Version = summary.Version;
        Processor = summary.Processor;
        Deadline = summary.DeadlineMilliseconds;
        if (Processor.Length != 0)
        {
            store.Section(manifest, LifecycleNumbers.SectionManaged, Managed, out int bytes);
            ManagedBytes = bytes;
        }
    }

    internal byte[] Manifest { get; } = new byte[Digests.Bytes];

    internal string Version { get; }

    /// <summary>Full type name; empty for none.</summary>
    internal string Processor { get; }

    /// <summary>Milliseconds; 0: none.</summary>
    internal int Deadline { get; }

    /// <summary>SHA-256 of the managed section, when there is one.</summary>
    internal byte[] Managed { get; } = new byte[Digests.Bytes];

    internal int ManagedBytes { get; }
}
