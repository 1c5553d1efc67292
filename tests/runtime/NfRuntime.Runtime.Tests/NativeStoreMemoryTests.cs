using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using NfRuntime.Native;
using Xunit;
using static NfRuntime.Runtime.Tests.StoredCapsule;

namespace NfRuntime.Runtime.Tests;

/// <summary>Numbers and bytes that cross to the C store, what it allocates, who owns what, and what no board has.</summary>
public sealed class NativeStoreMemoryTests : NativeStoreBed
{
    [Fact]
    public void Generation_and_time_have_64_bits_and_survive()
    {
        Assert.Equal(0L, Store.Generation);
        Assert.Equal(0, Store.SetGeneration(0x1_8000_0003));
        Assert.Equal(0, Store.SetTime(0x2_9000_0005));
        Assert.Equal(NativeError.Rollback, Store.SetGeneration(0x1_8000_0002));
        Assert.Equal(NativeError.Argument, Store.SetGeneration(-1));
        Reset();
        Assert.Equal(0x1_8000_0003, Store.Generation);
        Assert.Equal(0x2_9000_0005, Store.KnownTime);
    }

    [Fact]
    public void Digests_checksums_and_figures()
    {
        byte[] text = "xx123456789"u8.ToArray(), digest = new byte[32];
        Assert.Equal(0xcbf43926u, Store.Crc32(0, text, 2, 9));
        Assert.Equal(0xcbf43926u, Store.Crc32(Store.Crc32(0, text, 2, 4), text, 6, 5));
        Assert.Equal(0, Store.Hash(text, 2, 9, digest));
        Assert.Equal(SHA256.HashData(text.AsSpan(2)), digest);
        Assert.Equal(NativeError.Argument, Store.Hash(text, 3, 9, digest));
        StoreUsage usage = new();
        Assert.Equal(0, Store.Usage(usage));
        Assert.Equal(1 << 20, usage.Bytes);
        Assert.Equal(64, usage.Slots);
        Assert.True(usage.Largest < usage.Bytes && usage.Largest > usage.Bytes / 2, $"{usage.Largest} can be begun");
        Assert.Equal(0, Put(Store, text));
        Assert.Equal(2, Store.BlobState(SHA256.HashData(text)));
        byte[] read = new byte[4];
        Assert.Equal(0, Store.Read(SHA256.HashData(text), 9, read, 1, 2));
        Assert.Equal([0, (byte)'8', (byte)'9', 0], read);
        Assert.Equal(NativeError.Argument, Store.Read(SHA256.HashData(text), 10, read, 0, 2));
        Assert.Equal(NativeError.Argument, Store.Read(SHA256.HashData(text), 0, read, 3, 2));
        Assert.Equal(NativeError.NotFound, Store.BlobState(new byte[32]));
        Assert.Equal(NativeError.Argument, Store.BlobState(new byte[31]));
    }

    [Fact]
    public void Nothing_is_allocated_on_the_way_of_blocks_and_slices()
    {
        byte[] data = new byte[4096], digest = SHA256.HashData(data);
        Assert.Equal(0, Install(Store, First));
        VersionReport report = new();
        int slot = Store.FindName("fashion", Name);
        byte[] model = SHA256.HashData(First.Plan);
        for (int round = 0; round < 2; round++)
        {
            Assert.Equal(0, Finish(Store, Store.Begin(digest, data.Length, 9)));
            int version = Store.OpenVersion(slot, PlaceConfirmed);
            long before = GC.GetAllocatedBytesForCurrentThread();
            int errors = 0;
            for (int chunk = Store.Missing(0); chunk < Store.ChunkCount; chunk = Store.Missing(chunk))
            {
                errors |= Store.Write(chunk, data, chunk << 9, 1 << 9);
                _ = Store.Crc32(0, data, chunk << 9, 1 << 9);
                errors |= Store.Read(model, chunk << 4, data, 0, 16);
                _ = Store.StepJob(0);
                _ = Store.VersionStep(version, 1, report);
                _ = Store.Generation;
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Store.CloseVersion(version);
            Assert.Equal(0, errors);
            Assert.True(round == 0 || allocated == 0, $"{allocated} bytes"); // the first round compiles
            digest = SHA256.HashData(digest);
        }
    }

    [Fact]
    public void Whoever_ends_first_nothing_reads_freed_memory()
    {
        Assert.Equal(0, Install(Store, First));
        int slot = Store.FindName("fashion", Name);
        int version = Store.OpenVersion(slot, PlaceConfirmed);
        Assert.Equal(0, Open(Store, version));
        NativeCapsule capsule = Store.VersionCapsule(version);
        Assert.Throws<InvalidOperationException>(() => new NativeStore(Runtime, Flash));
        Runtime.Dispose();
        Assert.Throws<ObjectDisposedException>(capsule.Begin);
        Assert.Equal(NativeError.Argument, Store.StepJob(0));
        Assert.Equal(NativeError.Argument, Store.Verify(First.Manifest).Error);
        Assert.Equal(NativeError.Argument, Store.Mount());
        Assert.Equal(0, Store.ChunkCount);
        Store.Cancel();
        Store.CloseVersion(version);
        using NativeRuntime other = new(Arena, Arena, First.RootKey);
        NativeFlash chip = new(new NativeFlashOptions());
        using NativeStore store = new(other, chip);
        Assert.Equal(0, store.Format());
        Assert.Equal(0, store.UseKeyList(First.KeyList));
        chip.Dispose();
        Assert.Equal(NativeError.Argument, store.StepJob(0));
        Assert.Equal(NativeError.Signature, other.Verify(First.Manifest).Error); // the list lay in the store's memory
        Assert.Throws<ObjectDisposedException>(() => chip.IsOn);
    }

    [Fact]
    public void No_board_could_be_like_that()
    {
        using NativeRuntime runtime = new(Arena, Arena, First.RootKey);
        using NativeFlash chip = new(new NativeFlashOptions());
        Assert.Throws<NativeException>(() => new NativeStore(runtime, chip, slots: 7));
        Assert.Throws<NativeException>(() => new NativeStore(runtime, chip, bufferBytes: 513));
        Assert.Throws<NativeException>(() => new NativeStore(runtime, chip, bufferBytes: 256));
        Assert.Throws<NativeException>(() => new NativeFlash(new NativeFlashOptions { Blobs = new NativeFlashRegion { UnitBytes = 3 } }));
        using NativeFlash none = new(new NativeFlashOptions { Blobs = new NativeFlashRegion { Blocks = 0 } });
        Assert.Throws<NativeException>(() => new NativeStore(runtime, none));
        Assert.Throws<NativeException>(() => chip.Cut(0, FlashCut.Torn));
        Assert.Throws<NativeException>(() => chip.Flip(FlashRegion.Journal, -1, 0));
        using NativeStore store = new(runtime, chip);
        Assert.Equal(0, store.Format());
    }

    [Fact]
    public void A_file_keeps_it_for_its_own_device()
    {
        string file = Path.GetTempFileName();
        File.Delete(file);
        NativeFlashOptions options = new() { File = file };
        using (NativeRuntime runtime = new(Arena, 1 << 12, First.RootKey))
        using (NativeFlash chip = new(options))
        using (NativeStore store = new(runtime, chip, identity: 0x5_0000_0006))
        {
            Assert.Equal(0, store.Format());
            Assert.Equal(0, store.Boot(1, Firmware));
            Assert.Equal(0, store.UseKeyList(First.KeyList));
            Assert.Equal(0, Install(store, First));
        }

        Dictionary<long, int> mounted = [];
        foreach (long identity in new[] { 6, 0x5_0000_0006 })
        {
            using NativeRuntime runtime = new(Arena, 1 << 12, First.RootKey);
            using NativeFlash chip = new(options);
            using NativeStore store = new(runtime, chip, identity);
            mounted[identity] = store.Mount();
            if (mounted[identity] == 0)
            {
                Assert.Equal(0, store.Boot(1, Firmware));
                Assert.Equal(First.Expected(SignedCapsule.Image(2)), ClassifyServing(store, store.FindName("fashion", Name), SignedCapsule.Image(2)));
            }
        }

        Assert.Equal(NativeError.Foreign, mounted[6]);
        Assert.Equal(0, mounted[0x5_0000_0006]);
        using (NativeFlash running = new(options))
        {
            Assert.Contains("another device that runs", Assert.Throws<IOException>(() => new NativeFlash(options)).Message, StringComparison.Ordinal);
        }

        Assert.Throws<IOException>(() => new NativeFlash(new NativeFlashOptions { File = Path.Combine(file, "x") }));
        Assert.Throws<NativeException>(() => new NativeFlash(new NativeFlashOptions { File = file, Journal = new NativeFlashRegion { Blocks = 4 } }));
        File.Delete(file);
    }
}
