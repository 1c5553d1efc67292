using System;

namespace NfRuntime.Model.Golden;

/// <summary>A golden file that cannot be read: not JSON, too large, or a field that is missing or out of range. The message names the place.</summary>
public sealed class GoldenFileException : Exception
{
    public GoldenFileException()
    {
    }

    public GoldenFileException(string message)
        : base(message)
    {
    }

    public GoldenFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
