using System;

namespace NfRuntime.Model.Execution;

/// <summary>A runner that gave no result; the message says why. A refused plan is no exception (<see cref="RunResult.LoadError"/>).</summary>
public sealed class RunnerException : Exception
{
    /// <param name="message">What went wrong, and what the runner wrote to its error output.</param>
    public RunnerException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public RunnerException()
    {
    }

    /// <inheritdoc/>
    public RunnerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
