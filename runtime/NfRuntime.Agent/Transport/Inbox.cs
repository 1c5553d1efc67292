using System;
using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Pull;
using NfRuntime.Agent.Telemetry;

namespace NfRuntime.Agent;

/// <summary>Sorts what arrives: documents wait for the step's own time, blocks go to the fetch at once, while their bytes are there.</summary>
internal sealed class Inbox
{
    private const int MaxKeyList = 4096;

    private readonly AgentContext _context;
    private readonly BlobFetch _fetch;
    private readonly CborReader _reader = new CborReader();

    internal Inbox(AgentContext context, BlobFetch fetch)
    {
        _context = context;
        _fetch = fetch;
    }

    /// <summary>The newest desired document that was read and not yet taken, or null.</summary>
    internal DesiredDocument Desired { get; set; } = null!;

    /// <summary>The newest key list that was not yet taken, or null.</summary>
    internal byte[] Keys { get; set; } = null!;

    internal void Take(string topic, byte[] payload, int count, bool isRetained)
    {
        if (topic == _fetch.Topic)
        {
            _fetch.OnFrame(payload, count, isRetained);
        }
        else if (topic == _context.Topics.Desired)
        {
            TakeDesired(payload, count);
        }
        else if (topic == _context.Topics.Keys)
        {
            TakeKeys(payload, count);
        }
    }

    /// <summary>Counts a document that is not acted on.</summary>
    internal void Refuse(int reason, ulong generation, string sentence)
    {
        _context.Report.RefusedDocuments++;
        _context.Report.RefusedReason = reason;
        _context.Report.RefusedGeneration = generation;
        _context.StateChanged = true;
        _context.Note(LogRing.Warning, reason == AgentReason.Keys ? LogEvent.Keys : LogEvent.Document, string.Empty, sentence);
    }

    // An empty retained message clears a topic: it says nothing.
    private void TakeDesired(byte[] payload, int count)
    {
        if (count == 0)
        {
            return;
        }

        DesiredDocument document = new DesiredDocument();
        int reason = document.Read(_reader, payload, count);
        if (reason != AgentReason.None)
        {
            Refuse(reason, 0, reason == AgentReason.Version ? "a desired document of another version" : "a desired document that breaks the rules");
            return;
        }

        ulong persisted = _context.Generation;
        if (document.Generation < persisted)
        {
            Refuse(AgentReason.Generation, document.Generation, "a desired document of generation " + document.Generation.ToString() + ", which is older than " + persisted.ToString());
            return;
        }

        if (Desired == null || document.Generation >= Desired.Generation)
        {
            Desired = document;
        }
    }

    private void TakeKeys(byte[] payload, int count)
    {
        if (count == 0)
        {
            return;
        }

        if (count > MaxKeyList)
        {
            Refuse(AgentReason.Keys, 0, "a key list of " + count.ToString() + " bytes");
            return;
        }

        Keys = new byte[count];
        Array.Copy(payload, 0, Keys, 0, count);
    }
}
