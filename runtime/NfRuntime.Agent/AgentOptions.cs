using NfRuntime.Agent.Protocol;

namespace NfRuntime.Agent;

/// <summary>What a board or an application decides about its agent. Not changed once the agent has it.</summary>
public sealed class AgentOptions
{
    /// <summary><c>[a-z0-9-]</c>, 1 … 32.</summary>
    public string Tenant { get; set; } = "default";

    /// <summary><c>[a-z0-9-]</c>, 1 … 32.</summary>
    public string Device { get; set; } = string.Empty;

    /// <summary>For the capability document.</summary>
    public DeviceFacts Facts { get; set; } = new DeviceFacts();

    /// <summary>Bytes in a second that the device can take of a stream; 0: any.</summary>
    public int Rate { get; set; }

    /// <summary>Instructions of a slice of loading or testing; 0: the firmware's default.</summary>
    public int SliceBudget { get; set; }

    /// <summary>Bytes of a piece of a store's job.</summary>
    public int JobBytes { get; set; } = 4096;

    /// <summary>Messages that a step takes from the transport.</summary>
    public int MessagesPerStep { get; set; } = 4;

    /// <summary>The first connection after a start comes after a random time of at most so many milliseconds: more where many devices of a site start together.</summary>
    public int FirstConnectMilliseconds { get; set; } = 1000;

    /// <summary>Milliseconds between two pieces of scrubbing; 0: none.</summary>
    public int ScrubMilliseconds { get; set; } = 1000;

    /// <summary>Milliseconds between two looks at the transport when nothing else is to be done.</summary>
    public int PollMilliseconds { get; set; } = 1000;
}
