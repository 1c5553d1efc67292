namespace NfRuntime.Native;

/// <summary>
/// What an agent needs of the firmware: blobs and lifecycle on flash (firmware/store/nfr_store.h, nfr_lifecycle.h), trust, and
/// capsules in place (firmware/interop/nfr_native_store.h), whose rules and errors hold. Results are 0 or more, or a negative
/// <see cref="NativeError"/>; nothing throws. A digest has 32 bytes. One thread at a time.
/// </summary>
public interface IDeviceStore
{
    /// <summary>Chunk size of the blob that is being written, log2; 0 without one.</summary>
    int ChunkLog2 { get; }

    /// <summary>Chunks of the blob that is being written.</summary>
    int ChunkCount { get; }

    /// <summary>Opens what is on flash. Empty: nothing is.</summary>
    int Mount();

    /// <summary>Makes an empty store; whatever was there is forgotten.</summary>
    int Format();

    /// <summary>
    /// Once after mounting. <paramref name="cause"/>: enum nfr_reset; firmware: 16 bytes that name what runs. An error says what could not
    /// be done (a record; the key list, then KeyListVersion is 0 and it is to be given again); the device goes on all the same.
    /// </summary>
    int Boot(int cause, byte[] firmware);

    // ---- jobs

    /// <summary>One piece of the job that runs: 1 (call again), or its result.</summary>
    int StepJob(int bytes);

    /// <summary>Ends the job without its result.</summary>
    void Cancel();

    // ---- blobs

    /// <summary>1 writing, 2 complete, 3 damaged, 4 bad (enum nfr_blob_state), or NotFound.</summary>
    int BlobState(byte[] digest);

    /// <summary>0: it is here already; 1: after the job (StepJob) its missing chunks can be written; NoSpace: Room first.</summary>
    int Begin(byte[] digest, int bytes, int chunkLog2);

    /// <summary>First missing chunk from <paramref name="chunk"/> on; ChunkCount when none is.</summary>
    int Missing(int chunk);

    /// <summary>Programs one chunk (all of its bytes) of the blob that is being written; one that is there already is 0.</summary>
    int Write(int chunk, byte[] data, int offset, int count);

    /// <summary>Makes what was written survive a reset.</summary>
    int Sync();

    /// <summary>Starts to hash it (job): then 0, and it is complete, or Corrupt, and it is gone.</summary>
    int Finish();

    /// <summary>Reads bytes of a blob that is complete, through the port.</summary>
    int Read(byte[] digest, int offset, byte[] data, int at, int count);

    /// <summary>Frees garbage and compacts (job) until a blob of so many bytes, and so many more slots, can be begun.</summary>
    int Room(int bytes, int slots);

    /// <summary>Between inferences, at most one erase: 1 not ready yet, 0 the next records need none.</summary>
    int Prepare(int records);

    /// <summary>Re-hashes a piece, about once a second: 0, Corrupt (Tend then), Busy.</summary>
    int Scrub(int bytes);

    /// <summary>Writes the figures of nfr_store_usage into <paramref name="usage"/>.</summary>
    int Usage(StoreUsage usage);

    // ---- trust

    /// <summary>
    /// Verifies a key list (root key, version not below the one in force), stores it as a blob and puts it in force, now and after each
    /// boot (Boot loads it). Synchronous: two signatures, an erase, 4 KB; the blob that is being written stays so. The very list that is
    /// in force writes nothing. Busy while a job runs; NoSpace: Room first.
    /// </summary>
    int UseKeyList(byte[] bytes);

    /// <summary>Version of the key list in force, 0 without one.</summary>
    int KeyListVersion { get; }

    /// <summary>Verifies a manifest and tells what it says and whether it fits; Summary.Error is the outcome.</summary>
    CapsuleSummary Verify(byte[] manifest);

    /// <summary>Size and SHA-256 of a section that a manifest names. False: it has none of this kind.</summary>
    bool Section(byte[] manifest, int kind, byte[] digest, out int bytes);

    /// <summary>SHA-256 of bytes in memory, 32 bytes into <paramref name="digest"/>.</summary>
    int Hash(byte[] data, int offset, int count, byte[] digest);

    /// <summary>CRC-32 (zlib) of bytes in memory; <paramref name="start"/>: of the bytes before, 0 at first.</summary>
    uint Crc32(uint start, byte[] data, int offset, int count);

    // ---- lifecycle; slot: of a name

    /// <summary>The next slot behind <paramref name="slot"/> (0 at first) that holds a name, and its record; NotFound at the end.</summary>
    int NextName(int slot, NameRecord record);

    /// <summary>The slot of a name, and its record; NotFound.</summary>
    int FindName(string name, NameRecord record);

    /// <summary>0: it may be fetched; else enum nfr_reason; negative: an error.</summary>
    int MayFetch(string name, byte[] manifest, uint counter);

    /// <summary>Starts a candidate whose manifest is a complete blob; its slot.</summary>
    int Fetch(string name, uint counter, byte[] manifest);

    /// <summary>Says that a section of the candidate is this blob, being written or complete.</summary>
    int Attach(int slot, int kind, byte[] digest);

    /// <summary>One event (enum nfr_event) with reason, detail and place where it has them.</summary>
    int Apply(int slot, int lifecycleEvent, int reason, int detail, int place);

    /// <summary>The place that serves; NotFound.</summary>
    int Serving(int slot);

    /// <summary>slot × 4 + place of a version that this firmware has not yet checked; NotFound: all are.</summary>
    int Unchecked();

    /// <summary>1: damage happened to a version, call again; 0: there is none.</summary>
    int Tend();

    /// <summary>Says that the next reset is meant.</summary>
    int PlanRestart();

    /// <summary>Of the desired document; 0: none yet.</summary>
    long Generation { get; }

    /// <summary>Lower ones are refused (Rollback).</summary>
    int SetGeneration(long generation);

    /// <summary>Lower bound of the time, Unix seconds; 0: none yet.</summary>
    long KnownTime { get; }

    /// <summary>Writes once a day at most; lower ones are ignored.</summary>
    int SetTime(long seconds);

    // ---- versions in place; at most 4 at a time

    /// <summary>Starts to open the version that serves; returns a number 0 … 3 for the functions below.</summary>
    int OpenVersion(int slot, int place);

    /// <summary>The same to test it with its golden vectors: the lifecycle knows the outcome at the end.</summary>
    int TestVersion(int slot, int place);

    /// <summary>A slice: 1 call again; 0 it is open; Busy: later; any other error: it is closed.</summary>
    int VersionStep(int version, int budget, VersionReport report);

    /// <summary>The open version, for inference. Not to be disposed: CloseVersion closes it. Null while it is not open.</summary>
    NativeCapsule VersionCapsule(int version);

    /// <summary>Closes it, whatever it is doing, and lets go of its blobs.</summary>
    void CloseVersion(int version);
}
