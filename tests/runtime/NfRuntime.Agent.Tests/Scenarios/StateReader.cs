using System.Collections.Generic;
using NfRuntime.Agent.Protocol;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>Refusals and refused documents of a state document, as a controller reads them.</summary>
internal sealed class StateReader
{
    public StateReader(byte[] document)
    {
        CborReader reader = new();
        Xunit.Assert.True(reader.Open(document, document.Length));
        int pairs = reader.Map();
        for (int i = 0; i < pairs; i++)
        {
            switch (reader.Unsigned(0, ulong.MaxValue))
            {
                case 1: Generation = reader.Unsigned(0, ulong.MaxValue); break;
                case 8: ReadRefusals(reader); break;
                case 10:
                    reader.List(3);
                    RefusedDocuments = reader.Number(0, int.MaxValue);
                    RefusedReason = reader.Number(0, 255);
                    RefusedGeneration = reader.Unsigned(0, ulong.MaxValue);
                    break;
                default: reader.Skip(); break;
            }
        }

        Xunit.Assert.False(reader.IsBad);
    }

    public ulong Generation { get; }

    public List<(string Name, int Reason, string Sentence)> Refusals { get; } = [];

    public int RefusedDocuments { get; }

    public int RefusedReason { get; }

    public ulong RefusedGeneration { get; }

    private void ReadRefusals(CborReader reader)
    {
        int count = reader.List(8);
        for (int i = 0; i < count; i++)
        {
            byte[] digest = new byte[32];
            reader.List(4);
            string name = reader.Text(1, 64);
            reader.Bytes(digest);
            Refusals.Add((name, reader.Number(0, 255), reader.Text(0, 200)));
        }
    }
}
