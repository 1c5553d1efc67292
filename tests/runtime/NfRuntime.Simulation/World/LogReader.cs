using System.Collections.Generic;
using NfRuntime.Agent.Protocol;

namespace NfRuntime.Simulation.World;

/// <summary>Sentences of log documents.</summary>
internal static class LogReader
{
    public static IEnumerable<string> Sentences(byte[] document)
    {
        CborReader reader = new();
        if (!reader.Open(document, document.Length))
        {
            throw new System.InvalidOperationException("a device's log breaks the rules of documents");
        }

        List<string> sentences = [];
        int pairs = reader.Map();
        for (int i = 0; i < pairs; i++)
        {
            if (reader.Unsigned(0, 100) != 3)
            {
                reader.Skip();
                continue;
            }

            int entries = reader.List(32);
            for (int e = 0; e < entries; e++)
            {
                reader.List(5);
                reader.Skip();
                reader.Skip();
                reader.Skip();
                string name = reader.Text(0, 64);
                sentences.Add((name + ": " + reader.Text(0, 400)).TrimStart(':', ' '));
            }
        }

        return sentences;
    }
}
