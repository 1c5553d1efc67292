using System;

namespace NfRuntime.Model.Passes;

/// <summary>A graph breaks a rule of the IR; the message says which, and after which pass.</summary>
public sealed class GraphVerificationException : Exception
{
    /// <param name="message">The rule that is broken, where.</param>
    public GraphVerificationException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public GraphVerificationException()
    {
    }

    /// <inheritdoc/>
    public GraphVerificationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
