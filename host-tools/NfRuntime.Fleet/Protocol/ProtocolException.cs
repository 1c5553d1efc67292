using System;

namespace NfRuntime.Fleet.Protocol;

/// <summary>How a message of the protocol is wrong.</summary>
public enum ProtocolError
{
    /// <summary>Not what PROTOCOL.md §2 allows, a missing key, or a value of another type or out of its range.</summary>
    Document,

    /// <summary>A major version that is not known here.</summary>
    Version,
}

/// <summary>A message that is refused; nothing of it was used.</summary>
public sealed class ProtocolException(ProtocolError error, string message) : Exception(message)
{
    public ProtocolError Error { get; } = error;
}
