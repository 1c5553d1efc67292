namespace NfRuntime.Cli.Building;

/// <summary>A processor that passed the gate.</summary>
/// <param name="Type">Full type name.</param>
/// <param name="Dll">For the virtual device.</param>
/// <param name="Pe">For devices; null when there is none.</param>
/// <param name="References">How many members of other assemblies it uses.</param>
internal sealed record ManagedCode(string Type, byte[] Dll, byte[]? Pe, int References);
