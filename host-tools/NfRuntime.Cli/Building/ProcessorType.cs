using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;
using NfRuntime.Cli.Errors;
using NfRuntime.Images.Managed;

namespace NfRuntime.Cli.Building;

/// <summary>Finds the processor in an assembly without loading it.</summary>
internal static class ProcessorType
{
    private const string BaseType = "NfRuntime.Capsules.CapsuleProcessor";

    /// <summary>The full name of the processor called <paramref name="name"/>, or of the only one.</summary>
    /// <exception cref="ToolException">There is none, there are several, or it cannot be constructed.</exception>
    public static string Find(byte[] dll, string? name)
    {
        using AssemblyDefinition assembly = ManagedImage.Read(dll);
        TypeDefinition[] processors = [.. assembly.MainModule.GetTypes().Where(type => !type.IsAbstract && Derives(type))];
        TypeDefinition[] chosen = [.. processors.Where(type => name is null || type.FullName == name)];
        string there = processors.Length == 0 ? "no processor" : string.Join(", ", processors.Select(type => type.FullName));
        if (chosen.Length != 1)
        {
            throw new ToolException(
                ErrorCodes.ProcessorType,
                name is null ? $"{assembly.Name.Name} has {there}; exactly one is expected." : $"{assembly.Name.Name} has no processor {name}; it has {there}.",
                $"Derive one class from {BaseType}, or name it in processor.type.");
        }

        return chosen[0].IsPublic && chosen[0].Methods.Any(method => method.IsConstructor && method.IsPublic && !method.IsStatic && method.Parameters.Count == 0)
            ? chosen[0].FullName
            : throw new ToolException(ErrorCodes.ProcessorType, $"{chosen[0].FullName} is not public or has no public constructor without parameters.", "The runtime makes the processor with new().");
    }

    private static bool Derives(TypeDefinition type)
    {
        HashSet<string> seen = [];
        for (TypeReference? up = type.BaseType; up is not null && seen.Add(up.FullName); up = type.Module.GetType(up.FullName)?.BaseType)
        {
            if (up.FullName == BaseType)
            {
                return true;
            }
        }

        return false;
    }
}
