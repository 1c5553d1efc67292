namespace NfRuntime.Images.Managed;

/// <summary>One reason why managed code must not go to a device.</summary>
/// <param name="Rule">Which rule; a permanent name such as <c>generic-method</c>.</param>
/// <param name="Member">The type or method it was found in.</param>
/// <param name="Location">Source file and line (<c>Fashion.cs:12</c>) where debug information has them, else the IL offset.</param>
/// <param name="Message">What is wrong and what to do instead; one sentence.</param>
public sealed record ManagedFinding(string Rule, string Member, string Location, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Location}: {Member}: {Message} [{Rule}]";
}
