using NfRuntime.Images.Store;

namespace NfRuntime.Images.Tests.Store;

/// <summary>A store with a bit of everything: two names, shared and garbage and half-written blobs, a bad block, a clean tail.</summary>
internal static class SampleStore
{
    public static readonly FlashGeometry Small = new(4096, 4, 3, 5, 32 * 4096, 4096);

    public static readonly byte[] KeyList = StoreContents.Data(300, 1);
    public static readonly byte[] Manifest1 = StoreContents.Data(700, 2);
    public static readonly byte[] Model1 = StoreContents.Data(9000, 3);
    public static readonly byte[] Vectors = StoreContents.Data(2000, 4);
    public static readonly byte[] Manifest2 = StoreContents.Data(710, 5);
    public static readonly byte[] Old = StoreContents.Data(5000, 6);

    /// <summary>The sample: snapshot in block 0, records in block 1.</summary>
    public static FlashWriter Create(FlashGeometry? geometry = null) => Records(Snapshot(new FlashWriter(geometry ?? Small)));

    /// <summary>A snapshot of settings and the version that is confirmed.</summary>
    public static FlashWriter Snapshot(FlashWriter flash) => flash
        .Put(0, KeyList).Put(320, Manifest1).Put(1024, Model1).Put(10048, Vectors)
        .Open(0, start: true)
        .Add(0, RecordType.Settings, StoreContents.Settings(keyList: 1))
        .Add(1, RecordType.Blob, StoreContents.Blob(KeyList, 0))
        .Add(2, RecordType.Blob, StoreContents.Blob(Manifest1, 320))
        .Add(3, RecordType.Blob, StoreContents.Blob(Model1, 1024))
        .Add(4, RecordType.Blob, StoreContents.Blob(Vectors, 10048))
        .Add(5, RecordType.Name, StoreContents.Name("fashion", [(5, 0, [2, 3, None, 4])]))
        .End(6, frontier: 12064);

    /// <summary>What came later: a candidate that shares the vectors, garbage, a blob on its way, a bad block, a slot emptied.</summary>
    public static FlashWriter Records(FlashWriter flash) => flash
        .Put(12288, Manifest2).Put(16384, Old)
        .Open(1)
        .Add(6, RecordType.Blob, StoreContents.Blob(Manifest2, 12288, frontier: 13024)).Seal()
        .Add(7, RecordType.Blob, StoreContents.Blob(Old, 16384, frontier: 13024)).Seal()
        .Add(8, RecordType.Blob, StoreContents.Blob(new byte[32], 24576, 4096, BlobState.Bad, 13024)).Seal()
        .Add(9, RecordType.Blob, StoreContents.Blob(StoreContents.Data(32, 9), 28672, 3000, BlobState.Writing, 13024, FlashWriter.NoOffset, 0b101)).Seal()
        .Add(10, RecordType.Name, StoreContents.Name("keywords", [], rejected: true)).Seal()
        .Add(11, RecordType.Blob, StoreContents.Blob(Old, 65536, frontier: 13024)).Seal()
        .Add(11, RecordType.Free, StoreContents.U32s(13024)).Seal()
        .Add(5, RecordType.Name, StoreContents.Name("fashion", [(5, 0, [2, 3, None, 4]), (1, 0, [6, 9, None, 4])])).Seal();

    private const ushort None = FlashWriter.None;
}
