using System;

namespace NfRuntime.Images.Store;

/// <summary>A file that is no flash with a store that can be read.</summary>
/// <param name="message">What is wrong, as a sentence without its full stop.</param>
/// <param name="remedy">What to do.</param>
public sealed class FlashImageException(string message, string remedy) : Exception(message)
{
    /// <summary>What to do; one line.</summary>
    public string Remedy { get; } = remedy;
}
