namespace NfRuntime.Cli.Errors;

/// <summary>A kind of error with a permanent number.</summary>
/// <param name="Number">Permanent; never used for another kind.</param>
/// <param name="Exit">One of <see cref="ExitCode"/>.</param>
/// <param name="Title">A few words for the reference.</param>
internal sealed record ErrorCode(int Number, int Exit, string Title)
{
    /// <summary>As printed: CAPSULE2003.</summary>
    public string Name => $"CAPSULE{Number:D4}";
}
