using NfRuntime.Agent.Protocol;
using NfRuntime.Native;

namespace NfRuntime.Agent.Telemetry;

/// <summary>
/// What a device reports of itself (PROTOCOL.md §4.3). The caller writes head, capsules, refusals and tail in this order.
/// </summary>
public static class StateDocument
{
    /// <summary>Starts the document: everything before the capsules.</summary>
    public static void Head(CborWriter writer, DeviceReport report, int capsules)
    {
        writer.Clear();
        writer.Map(12);
        writer.Pair(0, 1);
        writer.Pair(1, report.Generation);
        writer.Pair(2, report.BootId);
        writer.Pair(3, (ulong)report.UptimeSeconds);
        writer.Pair(4, (ulong)report.KnownTime);
        writer.Pair(5, (ulong)report.ResetCause);
        writer.Pair(6, (ulong)report.KeyListVersion);
        writer.Unsigned(7);
        writer.List(capsules);
    }

    /// <summary>One capsule.</summary>
    /// <param name="writer">To write with.</param>
    /// <param name="record">Of its name.</param>
    /// <param name="texts">Version texts of confirmed, candidate and previous; empty where unknown.</param>
    /// <param name="here">Bytes of the candidate that are here; −1: nothing is being fetched.</param>
    /// <param name="total">Bytes of the candidate in all.</param>
    /// <param name="serving">Place that serves; negative: none.</param>
    public static void Capsule(CborWriter writer, NameRecord record, string[] texts, int here, int total, int serving)
    {
        bool isRejected = record.RejectedReason != 0;
        writer.Map(3 + (isRejected ? 1 : 0) + (here >= 0 ? 1 : 0) + (serving >= 0 ? 1 : 0));
        writer.Unsigned(1);
        writer.Text(record.Name);
        writer.Unsigned(2);
        writer.List(Is(record.Confirmed) + Is(record.Candidate) + Is(record.Previous));
        Version(writer, 0, record.Confirmed, texts[0]);
        Version(writer, 1, record.Candidate, texts[1]);
        Version(writer, 2, record.Previous, texts[2]);
        if (isRejected)
        {
            writer.Unsigned(3);
            writer.List(3);
            writer.Bytes(record.RejectedManifest, 0, 32);
            writer.Unsigned((ulong)record.RejectedReason);
            writer.Unsigned((ulong)record.RejectedDetail);
        }

        if (here >= 0)
        {
            writer.Unsigned(4);
            writer.List(2);
            writer.Unsigned((ulong)here);
            writer.Unsigned((ulong)total);
        }

        if (serving >= 0)
        {
            writer.Pair(5, (ulong)serving);
        }

        writer.Pair(6, record.Floor);
    }

    /// <summary>After the last capsule; so many refusals follow.</summary>
    public static void Refusals(CborWriter writer, int count)
    {
        writer.Unsigned(8);
        writer.List(count);
    }

    public static void Refusal(CborWriter writer, string name, byte[] manifest, int reason, string sentence)
    {
        writer.List(4);
        writer.Text(name);
        writer.Bytes(manifest, 0, 32);
        writer.Unsigned((ulong)reason);
        writer.Text(sentence);
    }

    /// <summary>After the last refusal: the end of the document.</summary>
    public static void Tail(CborWriter writer, DeviceReport report, StoreUsage usage)
    {
        writer.Unsigned(9);
        writer.List(7);
        writer.Unsigned((ulong)usage.Bytes);
        writer.Unsigned((ulong)usage.Used);
        writer.Unsigned((ulong)usage.Garbage);
        writer.Unsigned((ulong)usage.Free);
        writer.Unsigned((ulong)usage.Largest);
        writer.Unsigned((ulong)usage.SlotsUsed);
        writer.Unsigned((ulong)usage.Slots);
        writer.Unsigned(10);
        writer.List(3);
        writer.Unsigned((ulong)report.RefusedDocuments);
        writer.Unsigned((ulong)report.RefusedReason);
        writer.Unsigned(report.RefusedGeneration);
        writer.Unsigned(11);
        writer.List(4);
        writer.Unsigned((ulong)report.Blocks);
        writer.Unsigned((ulong)report.BlockBytes);
        writer.Unsigned((ulong)report.Duplicates);
        writer.Unsigned((ulong)report.BadFrames);
    }

    private static int Is(VersionRecord version)
    {
        return version.State == 0 ? 0 : 1;
    }

    private static void Version(CborWriter writer, int place, VersionRecord version, string text)
    {
        if (version.State == 0)
        {
            return;
        }

        writer.List(8);
        writer.Unsigned((ulong)place);
        writer.Unsigned((ulong)version.State);
        writer.Unsigned(version.Counter);
        writer.Bytes(version.Manifest, 0, 32);
        writer.Unsigned((ulong)version.Reason);
        writer.Unsigned((ulong)version.Attempts);
        writer.Unsigned((ulong)version.Strikes);
        writer.Text(text);
    }
}
