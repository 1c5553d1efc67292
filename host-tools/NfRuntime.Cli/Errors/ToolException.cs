using System;
using System.Collections.Generic;

namespace NfRuntime.Cli.Errors;

/// <summary>An error that a person can act on.</summary>
internal sealed class ToolException : Exception
{
    /// <param name="code">Its kind.</param>
    /// <param name="sentence">What is wrong, with the thing's name and the numbers; ends with a full stop.</param>
    /// <param name="remedy">What to do; one line.</param>
    /// <param name="inner">The cause, for --verbose.</param>
    public ToolException(ErrorCode code, string sentence, string remedy, Exception? inner = null)
        : base(sentence, inner)
    {
        Code = code;
        Remedy = remedy;
    }

    public ErrorCode Code { get; }

    public string Remedy { get; }

    /// <summary>More of the same, shown with --verbose.</summary>
    public IReadOnlyList<string> Further { get; init; } = [];
}
