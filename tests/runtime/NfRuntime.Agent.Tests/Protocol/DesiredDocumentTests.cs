using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using NfRuntime.Agent.Protocol;
using Xunit;

namespace NfRuntime.Agent.Tests.Protocol;

public class DesiredDocumentTests
{
    public static IEnumerable<TheoryDataRow<string>> Desired() =>
        Vectors.Load("documents.json").EnumerateArray().Where(v => v.Text("kind") == "desired").Select(v => new TheoryDataRow<string>(v.Text("name")));

    [Theory]
    [MemberData(nameof(Desired))]
    public void Reads_what_is_said_and_refuses_what_is_refused(string name)
    {
        JsonElement vector = Vectors.Load("documents.json").EnumerateArray().Single(v => v.Text("kind") == "desired" && v.Text("name") == name);
        byte[] bytes = vector.Hex("hex");
        DesiredDocument document = new();
        int reason = document.Read(new CborReader(), bytes, bytes.Length);
        if (vector.TryGetProperty("refused", out JsonElement refused))
        {
            Assert.Equal(refused.GetString() == "version" ? AgentReason.Version : AgentReason.Document, reason);
            return;
        }

        Assert.Equal(AgentReason.None, reason);
        Check(vector.GetProperty("says"), document);
    }

    [Fact]
    public void A_reader_that_has_refused_one_document_reads_the_next()
    {
        JsonElement[] all = [.. Vectors.Load("documents.json").EnumerateArray().Where(v => v.Text("kind") == "desired")];
        CborReader reader = new();
        int right = 0;
        foreach (JsonElement vector in all)
        {
            byte[] bytes = vector.Hex("hex");
            bool isGood = !vector.TryGetProperty("refused", out _);
            right += new DesiredDocument().Read(reader, bytes, bytes.Length) == AgentReason.None == isGood ? 1 : 0;
        }

        Assert.Equal(all.Length, right);
        Assert.True(all.Length > 60, $"{all.Length} documents");
    }

    [Fact]
    public void Bytes_behind_the_count_are_not_read()
    {
        byte[] bytes = [0xa3, 0, 1, 1, 1, 2, 0x80, 0xff];
        Assert.Equal(AgentReason.None, new DesiredDocument().Read(new CborReader(), bytes, 7));
        Assert.Equal(AgentReason.Document, new DesiredDocument().Read(new CborReader(), bytes, 8));
    }

    private static void Check(JsonElement says, DesiredDocument document)
    {
        Assert.Equal(says.At(1).Number(), document.Generation);
        Assert.Equal(says.Has(3) ? says.At(3).GetString() : string.Empty, document.Registry);
        Assert.Equal(says.Has(4) ? says.At(4).GetInt64() : 0, document.Time);
        Assert.Equal(says.At(2).GetArrayLength(), document.Capsules.Length);
        for (int i = 0; i < document.Capsules.Length; i++)
        {
            Check(says.At(2)[i], document.Capsules[i]);
            Assert.Same(document.Capsules[i], document.Find(document.Capsules[i].Name));
        }
    }

    private static void Check(JsonElement says, DesiredCapsule capsule)
    {
        Assert.Equal(says.At(1).GetString(), capsule.Name);
        Assert.Equal(says.At(2).Bytes(), capsule.Manifest);
        Assert.Equal(says.At(3).Int(), capsule.ManifestBytes);
        Assert.Equal(says.At(4).Int(), capsule.Mode);
        Assert.Equal(says.At(5).Int(), capsule.Confirm);
        Assert.Equal(says.Has(6) ? says.At(6).Number() : 0, capsule.Retry);
        JsonElement rules = says.Has(7) ? says.At(7) : JsonDocument.Parse("{}").RootElement;
        int Rule(int key, int otherwise) => rules.Has(key) ? rules.At(key).Int() : otherwise;
        Assert.Equal(
            [Rule(1, 20), Rule(2, 0), Rule(3, 1), Rule(4, 1000), Rule(5, 300)],
            [capsule.Rules.Inferences, capsule.Rules.Seconds, capsule.Rules.Errors, capsule.Rules.Disagreements, capsule.Rules.Silence]);
        int deltas = says.Has(8) ? says.At(8).GetArrayLength() : 0;
        Assert.Equal(deltas, capsule.Deltas.Length);
        for (int i = 0; i < deltas; i++)
        {
            JsonElement delta = says.At(8)[i];
            Assert.Equal(delta[0].Bytes(), capsule.Deltas[i].Base);
            Assert.Equal(delta[1].Bytes(), capsule.Deltas[i].Target);
            Assert.Equal(delta[2].Bytes(), capsule.Deltas[i].Delta);
            Assert.Equal(delta[3].Int(), capsule.Deltas[i].Bytes);
        }
    }
}
