using System;

namespace NfRuntime.Model.Plan;

/// <summary>Bytes that are no plan; the message says what is wrong with them.</summary>
public sealed class PlanFormatException : Exception
{
    /// <param name="message">What is wrong, a sentence without a full stop.</param>
    public PlanFormatException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public PlanFormatException()
    {
    }

    /// <inheritdoc/>
    public PlanFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
