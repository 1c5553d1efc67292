using NfRuntime.Agent.Protocol;
using NfRuntime.Capsules;

namespace NfRuntime.Agent.Lifecycle;

/// <summary>A version that is open: what the store's number of it, its facts and its processor have to do with one another.</summary>
internal sealed class OpenVersion
{
    internal OpenVersion(int number, int place, VersionFacts facts, Runner runner, CapsuleProcessor processor)
    {
        Number = number;
        Place = place;
        Deadline = facts.Deadline;
        Version = facts.Version;
        Runner = runner;
        Processor = processor;
        Digests.Copy(facts.Manifest, Manifest);
    }

    /// <summary>Of the store, 0 … 3.</summary>
    internal int Number { get; }

    /// <summary>Where it stands in its name's record now.</summary>
    internal int Place { get; set; }

    internal byte[] Manifest { get; } = new byte[Digests.Bytes];

    internal string Version { get; }

    /// <summary>Milliseconds; 0: none.</summary>
    internal int Deadline { get; }

    internal Runner Runner { get; }

    /// <summary>Null without one.</summary>
    internal CapsuleProcessor Processor { get; }
}
