using System;

namespace NfRuntime.Fleet.Broker;

/// <summary>The broker or its folder cannot be used as asked. The message is one sentence for the operator.</summary>
public sealed class BrokerException : Exception
{
    public BrokerException(string message)
        : base(message)
    {
    }

    public BrokerException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
