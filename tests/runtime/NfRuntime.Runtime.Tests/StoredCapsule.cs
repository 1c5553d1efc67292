using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using NfRuntime.Capsules;
using NfRuntime.Native;
using Xunit;

namespace NfRuntime.Runtime.Tests;

/// <summary>What an agent does with a store to install a capsule, without network: idempotent, so that it can begin again after any cut.</summary>
internal static class StoredCapsule
{
    public const int None = 0, Fetching = 1, Staged = 2, Trial = 4, Confirmed = 5, Superseded = 7;
    public const int EventFetched = 2, EventConfirm = 15, EventRollBack = 16, EventWithdraw = 17;
    public const int PlaceConfirmed = 0, PlaceCandidate = 1, PlacePrevious = 2;

    private const int ChunkLog2 = 9;

    /// <summary>Sections by kind, as the manifest names them.</summary>
    public static IEnumerable<(int Kind, byte[] Bytes)> Sections(SignedCapsule capsule) => [(1, capsule.Plan), (3, capsule.Vectors), (5, capsule.Labels)];

    /// <summary>Runs the job that a call started.</summary>
    public static int Finish(NativeStore store, int result)
    {
        for (int steps = 0; result == 1; steps++)
        {
            Assert.True(steps < 100_000, "the job ends");
            result = store.StepJob(0);
        }

        return result;
    }

    /// <summary>Brings bytes into the store, from where it left off.</summary>
    public static int Put(NativeStore store, byte[] bytes)
    {
        int result = Begin(store, bytes);
        if (result != 0 || store.BlobState(SHA256.HashData(bytes)) == 2)
        {
            return result;
        }

        for (int chunk = store.Missing(0); result == 0 && chunk < store.ChunkCount; chunk = store.Missing(chunk))
        {
            int start = chunk << store.ChunkLog2;
            result = store.Write(chunk, bytes, start, Math.Min(1 << store.ChunkLog2, bytes.Length - start));
        }

        return result != 0 ? result : Finish(store, store.Finish());
    }

    /// <summary>All of a capsule's way to STAGED.</summary>
    public static int Stage(NativeStore store, SignedCapsule capsule, out int slot)
    {
        slot = -1;
        int result = Put(store, capsule.Manifest);
        if (result != 0)
        {
            return result;
        }

        CapsuleSummary summary = store.Verify(capsule.Manifest);
        if (summary.Error != 0)
        {
            return summary.Error;
        }

        slot = store.Fetch(summary.Name, (uint)summary.SecurityCounter, SHA256.HashData(capsule.Manifest));
        result = Math.Min(slot, 0);
        foreach ((int kind, byte[] bytes) in Sections(capsule))
        {
            result = result != 0 ? result : Section(store, slot, kind, bytes);
        }

        return result;
    }

    /// <summary>From wherever it stands to CONFIRMED.</summary>
    public static int Install(NativeStore store, SignedCapsule capsule)
    {
        NameRecord name = new();
        byte[] manifest = SHA256.HashData(capsule.Manifest);
        int slot = store.FindName("fashion", name);
        bool isOurs = slot > 0 && name.Candidate.Manifest.AsSpan().SequenceEqual(manifest);
        if (slot > 0 && name.Confirmed.Manifest.AsSpan().SequenceEqual(manifest))
        {
            return 0;
        }

        int result = 0;
        if (!isOurs || name.Candidate.State <= Fetching)
        {
            result = Stage(store, capsule, out slot);
            result = result != 0 ? result : store.Apply(slot, EventFetched, 0, 0, 0);
        }

        if (result == 0 && !(isOurs && name.Candidate.State == Trial))
        {
            result = Test(store, slot, out int version);
            store.CloseVersion(version);
        }

        return result != 0 ? result : store.Apply(slot, EventConfirm, 0, 0, 0);
    }

    /// <summary>Runs the golden vectors of the candidate; the version's number in <paramref name="version"/>.</summary>
    public static int Test(NativeStore store, int slot, out int version)
    {
        version = store.TestVersion(slot, PlaceCandidate);
        return version < 0 ? version : Open(store, version);
    }

    /// <summary>One inference on an open version, fed as samples.</summary>
    public static sbyte[] Classify(NativeCapsule capsule, byte[] image)
    {
        sbyte[] output = new sbyte[10];
        CapsuleSession session = new(capsule);
        Assert.True(session.Feed(image, image.Length));
        session.Begin();
        while (session.Step(0))
        {
        }

        capsule.ReadOutput(0, output, output.Length);
        CapsuleResult result = new();
        session.Read(result);
        Assert.Equal(Array.IndexOf(output, output.Max()), result.Decision);
        return output;
    }

    /// <summary>Opens what serves, and closes it after one answer.</summary>
    public static sbyte[] ClassifyServing(NativeStore store, int slot, byte[] image)
    {
        int version = store.OpenVersion(slot, store.Serving(slot));
        Assert.InRange(version, 0, 3);
        Assert.Equal(0, Open(store, version));
        sbyte[] output = Classify(store.VersionCapsule(version), image);
        store.CloseVersion(version);
        return output;
    }

    /// <summary>Steps until it is open.</summary>
    public static int Open(NativeStore store, int version)
    {
        VersionReport report = new();
        int result = 1;
        for (int steps = 0; result == 1; steps++)
        {
            Assert.True(steps < 1_000_000, "opening ends");
            result = store.VersionStep(version, 0, report);
        }

        return result;
    }

    private static int Begin(NativeStore store, byte[] bytes)
    {
        byte[] digest = SHA256.HashData(bytes);
        int result = Finish(store, store.Begin(digest, bytes.Length, ChunkLog2));
        if (result != NativeError.NoSpace)
        {
            return result;
        }

        result = Finish(store, store.Room(bytes.Length, 1));
        return result != 0 ? result : Finish(store, store.Begin(digest, bytes.Length, ChunkLog2));
    }

    // Attached as soon as it has a slot, so that it is no garbage while it comes.
    private static int Section(NativeStore store, int slot, int kind, byte[] bytes)
    {
        int result = Begin(store, bytes);
        result = result != 0 ? result : store.Attach(slot, kind, SHA256.HashData(bytes));
        return result != 0 ? result : Put(store, bytes);
    }
}
