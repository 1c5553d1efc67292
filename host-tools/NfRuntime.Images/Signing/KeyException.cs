using System;

namespace NfRuntime.Images.Signing;

/// <summary>A key or key file that cannot be used. The message never holds a secret; <see cref="Remedy"/> says what to do.</summary>
public sealed class KeyException : Exception
{
    internal KeyException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>One line, or null.</summary>
    public string? Remedy { get; internal init; }
}
