using System;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images;
using NfRuntime.Images.Store;

namespace NfRuntime.Fleet.Tests.Protocol;

/// <summary>Documents with something in every field.</summary>
internal static class Samples
{
    public static Digest Some(string text) => Digest.Of(System.Text.Encoding.UTF8.GetBytes(text));

    public static DesiredDocument Desired() => new(
        70_000, [new DesiredCapsule("fashion", Some("m"), 412, DesiredMode.Shadow, DesiredConfirm.ByRules, 12, new DesiredRules(5, 6, 7, 8, 9), [new DesiredDelta(Some("b"), Some("t"), Some("d"), 99)])],
        "https://registry.example/v2/a", 1_790_000_000);

    public static CapabilityDocument Capabilities(string target = "host") => new()
    {
        Board = "virtual",
        Target = target,
        Abi = (1, 9),
        Plan = (1, 9),
        Layouts = uint.MaxValue,
        Operators = UInt128.MaxValue,
        Capabilities = 0x7F,
        ArenaBytes = 200_000,
        StateBytes = 32_768,
        StackBytes = 16_384,
        ManagedHeapBytes = 65_536,
        StoreBytes = 4 << 20,
        LargestBlockLog2 = 12,
        Firmware = new byte[16],
        AgentVersion = "0.1.0",
        Fence = "none",
        Sources = 5,
    };

    public static StateDocument State() => new()
    {
        ObservedGeneration = 70_000,
        BootId = 5,
        Uptime = 99,
        KnownTime = 1_790_000_000,
        ResetCause = 1,
        KeyListVersion = 2,
        Capsules =
        [
            new ReportedCapsule("fashion",
                [new ReportedVersion(VersionPlace.Confirmed, VersionState.Confirmed, 3, Some("m"), 0, 0, 0, "1.0.0"), new ReportedVersion(VersionPlace.Candidate, VersionState.Fetching, 3, Some("n"), 0, 0, 1, "2.0.0")],
                new ReportedRejection(Some("r"), 9, 3077), (1024, 4096), VersionPlace.Confirmed, 3),
        ],
        Refusals = [new Refusal("other", Some("o"), 4, "arena 38,912 needed, 31,744 free")],
        Store = new StoreUse(1, 2, 3, 4, 5, 6, 7),
        RefusedDocuments = new RefusedDocuments(1, 128, 4),
        Received = new ReceivedCounts(1, 2, 3, 4),
    };

    public static LogDocument Log() => new(5, 1, [new LogEntry(1000, 1, 7, "fashion", "something happened")], 2);

    public static StatsDocument Stats() => new(5, 60, [new CapsuleStats("fashion", 0, 100, 1, 5000, 6000, 7000, 0, [90, 10], 5500, 2, 100)], 1234);

    public static WantDocument Want() => new(Some("w"), new BlockGeometry(5000, 10), new byte[] { 0x1F }, 9000);
}
