using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Projects;
using NfRuntime.Images.Building;
using NfRuntime.Images.Managed;

namespace NfRuntime.Cli.Building;

/// <summary>Builds the processor and lets it through when it may go to a device.</summary>
internal static class ManagedCodeGate
{
    /// <summary>The processor, checked; null when the project has none.</summary>
    /// <param name="project">The project.</param>
    /// <param name="pePath">A .pe that wins over the project's; null when none was given.</param>
    /// <param name="cancellation">Set by Ctrl-C.</param>
    /// <exception cref="ToolException">It does not build, the gate finds something, or a device target has no .pe.</exception>
    public static async Task<ManagedCode?> PassAsync(CapsuleProject project, string? pePath, CancellationToken cancellation)
    {
        if (project.Processor is not { } source)
        {
            return pePath is null ? null : throw new ToolException(ErrorCodes.OptionValue, "--processor-pe was given, but the project has no processor.", "Declare \"processor\" in capsule.json, or leave the option out.");
        }

        byte[]? pe = await ReadPeAsync(project, pePath ?? source.Pe, cancellation).ConfigureAwait(false);
        byte[] dll = await ProcessorBuilder.BuildAsync(source, cancellation).ConfigureAwait(false);
        try
        {
            ManagedGateReport report = ManagedGate.Check(dll, null, (uint)project.Capabilities);
            return report.Findings.Count == 0
                ? new ManagedCode(ProcessorType.Find(dll, source.Type), dll, pe, report.MemberReferences)
                : throw Refused(await WithLinesAsync(report, project, cancellation).ConfigureAwait(false));
        }
        catch (ManagedImageException e)
        {
            throw new ToolException(ErrorCodes.ProcessorType, $"The processor cannot be read: {e.Message.TrimEnd('.')}.", "Give a managed assembly.", e);
        }
    }

    // What goes into an image has no symbols; only now that somebody has to look for the place are they worth a second build.
    private static async Task<ManagedGateReport> WithLinesAsync(ManagedGateReport report, CapsuleProject project, CancellationToken cancellation)
    {
        if (project.Processor?.Project is not { } source)
        {
            return report;
        }

        (byte[] dll, byte[]? symbols) = await ProcessorBuilder.BuildWithSymbolsAsync(source, cancellation).ConfigureAwait(false);
        ManagedGateReport again = ManagedGate.Check(dll, symbols, (uint)project.Capabilities);
        return again.Findings.Count > 0 ? again : report;
    }

    private static async Task<byte[]?> ReadPeAsync(CapsuleProject project, string? path, CancellationToken cancellation)
    {
        if (path is null)
        {
            string[] devices = [.. project.Targets.Where(target => target != TargetPlatform.Host)];
            return devices.Length == 0 ? null : throw new ToolException(
                ErrorCodes.ProcessorPe,
                $"Target {devices[0]} needs the processor as a .pe, and there is none.",
                "Give what nanoFramework's MetadataProcessor made: --processor-pe FILE or processor.pe; or build for target host only.");
        }

        byte[] pe = await ProcessorBuilder.ReadAsync(path, cancellation).ConfigureAwait(false);
        return pe.AsSpan().StartsWith("NFMRK1"u8) || pe.AsSpan().StartsWith("NFMRK2"u8)
            ? pe
            : throw new ToolException(ErrorCodes.ProcessorPe, $"{path} is no .pe of nanoFramework: it does not begin with NFMRK1 or NFMRK2.", "Give what the MetadataProcessor made of the processor.");
    }

    private static ToolException Refused(ManagedGateReport report) =>
        new(ErrorCodes.GateRefused, $"{report.AssemblyName} may not go to a device: {report.Findings[0]}.", "Nothing was signed or stored; change the processor, or declare the capability.")
        {
            Further = [.. report.Findings.Skip(1).Select(finding => finding.ToString())],
        };
}
