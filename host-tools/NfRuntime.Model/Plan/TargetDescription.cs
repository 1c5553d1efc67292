using System;
using System.Collections.Generic;

namespace NfRuntime.Model.Plan;

/// <summary>A processor that plans are compiled for.</summary>
/// <param name="Name">Name as in board files and annotations, such as "cortex-m4".</param>
/// <param name="Architecture">OCI platform architecture (a GOARCH value where there is one).</param>
/// <param name="Variant">OCI platform variant; empty when there is none.</param>
/// <param name="Layouts">Layout ids that its kernels run, best first.</param>
public sealed record TargetDescription(string Name, string Architecture, string Variant, IReadOnlyList<WeightLayout> Layouts)
{
    private static readonly WeightLayout[] PlainOnly = [WeightLayout.Plain];
    private static readonly WeightLayout[] Smlad = [WeightLayout.Smlad, WeightLayout.Planes, WeightLayout.Plain];

    /// <summary>All known targets.</summary>
    public static IReadOnlyList<TargetDescription> All { get; } =
    [
        new("host", HostArchitecture(), string.Empty, PlainOnly),
        new("cortex-m4", "arm", "v7em", Smlad),
        new("cortex-m7", "arm", "v7em", Smlad),
        new("cortex-m33", "arm", "v8m", PlainOnly),
        new("cortex-m55", "arm", "v8.1m", PlainOnly),
        new("esp32", "xtensa", "lx6", PlainOnly),
        new("esp32s3", "xtensa", "lx7", PlainOnly),
        new("rv32", "riscv32", "imc", PlainOnly),
    ];

    /// <summary>The portable kernels on the machine that runs this tool.</summary>
    public static TargetDescription Host => All[0];

    /// <summary>The target called <paramref name="name"/>.</summary>
    /// <exception cref="CompileException">There is none.</exception>
    public static TargetDescription ByName(string name)
    {
        foreach (TargetDescription target in All)
        {
            if (string.Equals(target.Name, name, StringComparison.Ordinal))
            {
                return target;
            }
        }

        throw new CompileException($"there is no target '{name}'; known are {string.Join(", ", System.Linq.Enumerable.Select(All, t => t.Name))}");
    }

    private static string HostArchitecture() => System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        System.Runtime.InteropServices.Architecture.X86 => "386",
        _ => "amd64",
    };
}
