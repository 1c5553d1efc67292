namespace NfRuntime.Cli.Errors;

/// <summary>Exit codes of the tool; docs/reference/errors.md has the same table.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>The work was done and the answer is no: a test failed, an image does not verify.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>A file, project, model, key or image cannot be used as it is.</summary>
    public const int Input = 3;

    /// <summary>Something that the tool needs is not there: the runner, QEMU, an SDK, a registry.</summary>
    public const int Missing = 4;

    /// <summary>Refused: a result is not what it must be, so nothing was signed, stored or run.</summary>
    public const int Refused = 5;

    /// <summary>A defect of the tool.</summary>
    public const int Internal = 70;

    /// <summary>Interrupted by SIGINT or SIGTERM; nothing is left half-written.</summary>
    public const int Interrupted = 130;
}
