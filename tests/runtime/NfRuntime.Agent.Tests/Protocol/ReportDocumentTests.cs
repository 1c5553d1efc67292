using System;
using System.Linq;
using System.Text.Json;
using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Telemetry;
using NfRuntime.Native;
using Xunit;

namespace NfRuntime.Agent.Tests.Protocol;

/// <summary>What a device writes is, byte by byte, what the vectors say.</summary>
public class ReportDocumentTests
{
    private readonly CborWriter _writer = new(new byte[CborReader.MaxBytes]);

    [Theory]
    [InlineData("online", 2)]
    [InlineData("cap", 1)]
    [InlineData("want", 3)]
    [InlineData("state", 2)]
    [InlineData("log", 2)]
    [InlineData("stats", 1)]
    public void Writes_the_vectors(string kind, int expected)
    {
        int written = 0;
        foreach (JsonElement vector in Vectors.Load("documents.json").EnumerateArray().Where(v => v.Text("kind") == kind && v.TryGetProperty("says", out _)))
        {
            Write(kind, vector.GetProperty("says"));
            Assert.False(_writer.HasOverflowed);
            Assert.Equal(vector.Text("hex"), Convert.ToHexStringLower(_writer.Buffer.AsSpan(0, _writer.Count)));
            Assert.True(new CborReader().Open(_writer.Buffer, _writer.Count), vector.Text("name"));
            written++;
        }

        Assert.Equal(expected, written);
    }

    [Fact]
    public void What_does_not_fit_is_said()
    {
        for (int room = 0; room < 40; room++)
        {
            CborWriter writer = new(new byte[room]);
            writer.Bytes(new byte[20], 0, 20);
            writer.Text("größe");
            writer.Unsigned(1ul << 40);
            Assert.Equal(room < 21 + 8 + 9, writer.HasOverflowed);
            Assert.True(writer.Count <= room);
        }
    }

    private void Write(string kind, JsonElement says)
    {
        switch (kind)
        {
            case "online": OnlineDocument.Write(_writer, says.At(1).GetBoolean(), (uint)says.At(2).Number()); break;
            case "cap": Facts(says).Write(_writer, says.At(17).Int()); break;
            case "want": Want(says); break;
            case "state": State(says); break;
            case "log": Log(says); break;
            default: Stats(says); break;
        }
    }

    private static DeviceFacts Facts(JsonElement s) => new()
    {
        Board = s.At(1).GetString()!,
        Target = s.At(2).GetString()!,
        AbiMajor = s.At(3)[0].Int(),
        AbiMinor = s.At(3)[1].Int(),
        PlanMajor = s.At(4)[0].Int(),
        PlanMinor = s.At(4)[1].Int(),
        Layouts = s.At(5).GetUInt32(),
        Operators = s.At(6).Bytes(),
        Capabilities = s.At(7).GetUInt32(),
        ArenaBytes = s.At(8).Int(),
        StateBytes = s.At(9).Int(),
        StackBytes = s.At(10).Int(),
        ManagedHeapBytes = s.At(11).Int(),
        StoreBytes = s.At(12).Int(),
        LargestBlockLog2 = s.At(13).Int(),
        Firmware = s.At(14).Bytes(),
        AgentVersion = s.At(15).GetString()!,
        Fence = s.At(16).GetString()!,
    };

    private void Want(JsonElement s)
    {
        byte[] missing = s.At(4).Bytes();
        WantDocument.Write(_writer, s.At(1).Bytes(), s.At(2).Int(), s.At(3).Int(), missing, missing.Length, s.Has(5) ? s.At(5).Int() : 0);
    }

    private void State(JsonElement s)
    {
        DeviceReport report = new()
        {
            Generation = s.At(1).Number(),
            BootId = s.At(2).GetUInt32(),
            UptimeSeconds = s.At(3).GetInt64(),
            KnownTime = s.At(4).GetInt64(),
            ResetCause = s.At(5).Int(),
            KeyListVersion = s.At(6).Int(),
            RefusedDocuments = s.At(10)[0].Int(),
            RefusedReason = s.At(10)[1].Int(),
            RefusedGeneration = s.At(10)[2].Number(),
            Blocks = s.At(11)[0].Int(),
            BlockBytes = s.At(11)[1].GetInt64(),
            Duplicates = s.At(11)[2].Int(),
            BadFrames = s.At(11)[3].Int(),
        };
        StateDocument.Head(_writer, report, s.At(7).GetArrayLength());
        foreach (JsonElement capsule in s.At(7).EnumerateArray())
        {
            Capsule(capsule);
        }

        StateDocument.Refusals(_writer, s.At(8).GetArrayLength());
        foreach (JsonElement refusal in s.At(8).EnumerateArray())
        {
            StateDocument.Refusal(_writer, refusal[0].GetString()!, refusal[1].Bytes(), refusal[2].Int(), refusal[3].GetString()!);
        }

        JsonElement u = s.At(9);
        StateDocument.Tail(_writer, report, new StoreUsage
        {
            Bytes = u[0].Int(),
            Used = u[1].Int(),
            Garbage = u[2].Int(),
            Free = u[3].Int(),
            Largest = u[4].Int(),
            SlotsUsed = u[5].Int(),
            Slots = u[6].Int(),
        });
    }

    private void Capsule(JsonElement s)
    {
        NameRecord record = new() { Name = s.At(1).GetString()!, Floor = s.At(6).GetUInt32() };
        string[] texts = ["", "", ""];
        VersionRecord[] places = [record.Confirmed, record.Candidate, record.Previous];
        foreach (JsonElement version in s.At(2).EnumerateArray())
        {
            VersionRecord place = places[version[0].Int()];
            place.State = version[1].Int();
            place.Counter = version[2].GetUInt32();
            version[3].Bytes().CopyTo(place.Manifest, 0);
            place.Reason = version[4].Int();
            place.Attempts = version[5].Int();
            place.Strikes = version[6].Int();
            texts[version[0].Int()] = version[7].GetString()!;
        }

        if (s.Has(3))
        {
            s.At(3)[0].Bytes().CopyTo(record.RejectedManifest, 0);
            record.RejectedReason = s.At(3)[1].Int();
            record.RejectedDetail = s.At(3)[2].Int();
        }

        StateDocument.Capsule(_writer, record, texts, s.Has(4) ? s.At(4)[0].Int() : -1, s.Has(4) ? s.At(4)[1].Int() : 0, s.Has(5) ? s.At(5).Int() : -1);
    }

    private void Log(JsonElement s)
    {
        LogRing ring = new();
        for (int i = 0; i < s.At(2).Int(); i++)
        {
            ring.Taken();
        }

        // As many as are lost, and then 32 that push them out.
        int lost = s.Has(4) ? s.At(4).Int() : 0;
        for (int i = 0; i < lost; i++)
        {
            ring.Add(i, LogRing.Detail, 1, "", "");
        }

        foreach (JsonElement e in s.At(3).EnumerateArray())
        {
            ring.Add(e[0].GetInt64(), e[1].Int(), e[2].Int(), e[3].GetString()!, e[4].GetString()!);
        }

        ring.Write(_writer, s.At(1).GetUInt32());
    }

    private void Stats(JsonElement s)
    {
        StatsDocument.Head(_writer, s.At(1).GetUInt32(), s.At(2).GetInt64(), s.At(3).GetArrayLength());
        foreach (JsonElement e in s.At(3).EnumerateArray())
        {
            Figures(e).Write(_writer, e[0].GetString()!, e[1].Int());
        }

        StatsDocument.Tail(_writer, s.At(4).GetInt64());
    }

    // One inference takes the longest time, the others what gives mean and percentile of the vector.
    private static CapsuleFigures Figures(JsonElement e)
    {
        CapsuleFigures figures = new() { Strikes = e[7].Int(), Blackout = e[9].Int(), Disagreements = e[10].Int(), Compared = e[11].Int() };
        int[] decisions = [.. e[8].EnumerateArray().SelectMany((count, index) => Enumerable.Repeat(index, count.Int()))];
        long rest = (long)e[4].Int() * decisions.Length;
        for (int i = 0; i < decisions.Length; i++)
        {
            int time = i == 0 ? e[6].Int() : (int)(rest / (decisions.Length - i));
            rest -= time;
            figures.Add(time, decisions[i]);
        }

        for (int i = 0; i < e[3].Int(); i++)
        {
            figures.AddError();
        }

        return figures;
    }
}
