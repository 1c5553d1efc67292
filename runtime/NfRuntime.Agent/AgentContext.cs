using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Telemetry;
using NfRuntime.Native;

namespace NfRuntime.Agent;

/// <summary>What the parts of one agent share.</summary>
internal sealed class AgentContext
{
    private ulong _generation;
    private bool _hasFault;

    internal AgentContext(AgentOptions options, IDeviceStore store, IMqttTransport transport, IAgentPlatform platform)
    {
        Options = options;
        Store = store;
        Transport = transport;
        Platform = platform;
        Topics = new Topics(options.Tenant, options.Device);
    }

    internal AgentOptions Options { get; }

    internal IDeviceStore Store { get; }

    internal IMqttTransport Transport { get; }

    internal IAgentPlatform Platform { get; }

    internal Topics Topics { get; }

    internal LogRing Log { get; } = new LogRing();

    internal DeviceReport Report { get; } = new DeviceReport();

    /// <summary>One buffer for all documents; each is published before the next one is begun.</summary>
    internal CborWriter Writer { get; } = new CborWriter(new byte[CborReader.MaxBytes]);

    /// <summary>Milliseconds, of the step that runs.</summary>
    internal long Now { get; set; }

    /// <summary>Of the first step.</summary>
    internal long StartedAt { get; set; }

    /// <summary>On the platform's clock, when the step that runs began.</summary>
    internal long StepMicroseconds { get; set; }

    /// <summary>Whether the broker hears us.</summary>
    internal bool IsConnected { get; set; }

    /// <summary>Counts connections: what an earlier one had subscribed to is gone.</summary>
    internal int Connections { get; set; }

    /// <summary>Something in the state document has changed.</summary>
    internal bool StateChanged { get; set; }

    /// <summary>A self-test runs: it has the arena at times.</summary>
    internal bool IsTesting { get; set; }

    /// <summary>Records are likely to be written soon: erase ahead of need.</summary>
    internal bool ExpectsRecords { get; set; }

    /// <summary>A blob of a version may be broken: look for it.</summary>
    internal bool ExpectsDamage { get; set; }

    /// <summary>Newest generation of a desired document, as flash has it or as this boot has seen it: none below it is acted on, also when flash can tell nothing any more.</summary>
    internal ulong Generation
    {
        get
        {
            Saw((ulong)Store.Generation);
            return _generation;
        }
    }

    /// <summary>Unix seconds, a lower bound; 0: nothing is known.</summary>
    internal long KnownTime
    {
        get
        {
            long known = Store.KnownTime;
            long clock = Platform.WallClock();
            return clock > known ? clock : known;
        }
    }

    internal void Saw(ulong generation)
    {
        _generation = generation > _generation ? generation : _generation;
    }

    internal void Note(int level, int number, string name, string sentence)
    {
        Log.Add(Now - StartedAt, level, number, name, sentence);
    }

    /// <summary>The journal cannot be read: said once.</summary>
    internal void Fault(int error)
    {
        if (!_hasFault)
        {
            _hasFault = true;
            Note(LogRing.Error, LogEvent.Store, string.Empty, "what is open goes on; the records cannot be read any more: flash " + NativeError.Describe(error));
        }
    }

    /// <summary>Publishes what the writer holds. False: later.</summary>
    internal bool Publish(string topic, int qos, bool retain)
    {
        return IsConnected && !Writer.HasOverflowed && Transport.Publish(topic, Writer.Buffer, Writer.Count, qos, retain);
    }

    /// <summary>A time that differs from <paramref name="milliseconds"/> by up to a quarter.</summary>
    internal int Jittered(int milliseconds)
    {
        return milliseconds - (milliseconds / 4) + (int)(Platform.Random() % (uint)((milliseconds / 2) + 1));
    }
}
