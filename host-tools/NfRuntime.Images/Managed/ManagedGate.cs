using System;
using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;

namespace NfRuntime.Images.Managed;

/// <summary>What the gate found in a capsule's managed code.</summary>
/// <param name="AssemblyName">Simple name.</param>
/// <param name="References">Referenced assemblies, by simple name.</param>
/// <param name="MemberReferences">How many members of other assemblies are used.</param>
/// <param name="Findings">Empty when the code may go to a device.</param>
public sealed record ManagedGateReport(string AssemblyName, IReadOnlyList<string> References, int MemberReferences, IReadOnlyList<ManagedFinding> Findings);

/// <summary>
/// The host's gate for a capsule's managed code (ARCHITECTURE decision 8f): the device subset, no native methods, no code at load,
/// no reserved name, and only references that the manifest's capabilities open.
/// </summary>
public static class ManagedGate
{
    private static readonly string[] _alwaysAllowed = ["mscorlib", "System.Private.CoreLib", "System.Runtime", "NfRuntime.Capsules", "NfRuntime.Native"];

    // By bit of the manifest's capabilities (firmware/capsule/SPEC.md, TLV 0x8008).
    private static readonly string[][] _byCapability =
    [
        ["System.Math"],
        ["System.Device.Gpio"],
        ["System.Device.Adc", "nanoFramework.System.Device.Adc"],
        ["System.Device.I2c"],
        ["System.Device.Spi"],
        ["System.Net", "System.Net.Http", "nanoFramework.M2Mqtt", "nanoFramework.M2Mqtt.Core"],
        ["System.IO.Streams", "System.IO.FileSystem"],
    ];

    /// <summary>Checks an assembly's bytes.</summary>
    /// <param name="image">The .dll's bytes.</param>
    /// <param name="symbols">Its portable .pdb's bytes for line numbers, or null.</param>
    /// <param name="capabilities">The manifest's capability bits.</param>
    /// <exception cref="ManagedImageException">The bytes are no managed assembly.</exception>
    public static ManagedGateReport Check(byte[] image, byte[]? symbols, uint capabilities)
    {
        using AssemblyDefinition assembly = ManagedImage.Read(image, symbols);
        return ManagedImage.Guard(() => Check(assembly, capabilities));
    }

    private static ManagedGateReport Check(AssemblyDefinition assembly, uint capabilities)
    {
        List<ManagedFinding> findings = [.. DeviceSubset.Check(assembly)];
        string name = assembly.Name.Name;
        if (_alwaysAllowed.Contains(name, StringComparer.Ordinal) || _byCapability.Any(set => set.Contains(name, StringComparer.Ordinal)))
        {
            findings.Add(new("reserved-name", name, name, $"the assembly is named {name}, a name of the device's own; rename it"));
        }

        string[] references = assembly.MainModule.AssemblyReferences.Select(r => r.Name).ToArray();
        findings.AddRange(references.Where(r => !IsAllowed(r, capabilities)).Select(r =>
            new ManagedFinding("reference", name, name, $"references {r}, which no declared capability allows; declare the capability or remove the reference")));
        foreach (TypeDefinition type in assembly.MainModule.GetTypes())
        {
            AddMemberFindings(type, findings);
        }

        AddModuleFindings(assembly.MainModule, findings);
        return new(name, references, assembly.MainModule.GetMemberReferences().Count(), findings.Distinct().ToList());
    }

    private static bool IsAllowed(string reference, uint capabilities) =>
        _alwaysAllowed.Contains(reference, StringComparer.Ordinal)
        || _byCapability.Where((_, bit) => (capabilities & (1u << bit)) != 0).Any(set => set.Contains(reference, StringComparer.Ordinal));

    private static void AddMemberFindings(TypeDefinition type, List<ManagedFinding> findings)
    {
        foreach (MethodDefinition method in type.Methods)
        {
            if (method.IsInternalCall || method.IsPInvokeImpl || (method.ImplAttributes & MethodImplAttributes.Native) != 0)
            {
                findings.Add(new("native-method", method.FullName, method.Name, "a capsule brings no native method; kernels are the firmware's"));
            }

            if (method.IsConstructor && method.IsStatic)
            {
                findings.Add(new("static-constructor", method.FullName, method.Name, "static initialization runs at load; initialize in the constructor"));
            }

            if (method.Name == "Finalize" && method.IsVirtual && method.Parameters.Count == 0)
            {
                findings.Add(new("finalizer", method.FullName, method.Name, "a finalizer runs outside the capsule's budget; use Dispose"));
            }
        }
    }

    private static void AddModuleFindings(ModuleDefinition module, List<ManagedFinding> findings)
    {
        foreach (TypeReference type in module.GetTypeReferences())
        {
            if (type.Namespace == "System.Reflection" && !type.Name.EndsWith("Attribute", StringComparison.Ordinal))
            {
                findings.Add(new("reflection", type.FullName, module.Name, "reflection is closed to capsules"));
            }

            if (type.FullName is "System.Threading.Thread" or "System.Threading.Timer")
            {
                findings.Add(new("threads", type.FullName, module.Name, "a capsule starts no thread; the runtime calls it"));
            }
        }
    }
}
