using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Mono.Cecil;
using NfRuntime.Model.Tests;
using Xunit;

namespace NfRuntime.Runtime.Tests;

/// <summary>Our signature-only assemblies against the real ones' lists of members.</summary>
public class ReferenceAssemblyTests
{
    [Theory]
    [InlineData("mscorlib", 40)]
    [InlineData("nanoFramework.System.Text", 3)]
    public void Every_member_exists_in_the_real_assembly(string name, int least)
    {
        JsonElement real = RealAssembly(name);
        using AssemblyDefinition ours = AssemblyDefinition.ReadAssembly(DeviceAssemblies.Reference(name));
        Assert.Equal(real.GetProperty("version").GetString(), ours.Name.Version.ToString());

        Dictionary<string, JsonElement> types = real.GetProperty("types").EnumerateArray().ToDictionary(t => t.GetProperty("name").GetString()!);
        List<string> problems = [];
        int members = 0;
        foreach (TypeDefinition type in ours.MainModule.Types.Where(t => t.IsPublic))
        {
            if (!types.TryGetValue(type.FullName, out JsonElement realType))
            {
                problems.Add($"type {type.FullName} does not exist");
                continue;
            }

            CompareType(type, realType, problems);
            HashSet<string> signatures = realType.GetProperty("members").EnumerateArray().Select(m => Normalize(m.GetString()!)).ToHashSet();
            foreach (string member in Members(type))
            {
                members++;
                if (!signatures.Contains(member))
                {
                    problems.Add($"{type.FullName}: {member} does not exist");
                }
            }
        }

        Assert.Empty(problems);
        Assert.True(members >= least, $"{members} members compared");
    }

    private static void CompareType(TypeDefinition ours, JsonElement real, List<string> problems)
    {
        string? realBase = real.GetProperty("base").GetString();
        if (realBase != ours.BaseType?.FullName && ours.FullName != "System.Object" && !ours.IsInterface)
        {
            problems.Add($"{ours.FullName}: base is {ours.BaseType?.FullName}, really {realBase}");
        }

        if (!ours.IsInterface && real.GetProperty("sealed").GetBoolean() != (ours.IsSealed && !ours.IsAbstract))
        {
            problems.Add($"{ours.FullName}: sealed differs");
        }
    }

    private static IEnumerable<string> Members(TypeDefinition type)
    {
        foreach (FieldDefinition field in type.Fields.Where(f => (f.IsPublic || f.IsFamily) && !f.IsSpecialName))
        {
            yield return $"field {field.FieldType.FullName} {field.Name}";
        }

        foreach (PropertyDefinition property in type.Properties)
        {
            yield return $"property {property.PropertyType.FullName} {property.Name}";
        }

        foreach (MethodDefinition method in type.Methods.Where(m => (m.IsPublic || m.IsFamily) && !m.IsGetter && !m.IsSetter && !ImpliedConstructor(m)))
        {
            string parameters = string.Join(", ", method.Parameters.Select(p => p.ParameterType.FullName));
            yield return (method.IsConstructor ? "ctor" : "method") + $" {(method.IsStatic ? "static " : string.Empty)}{method.ReturnType.FullName} {method.Name}({parameters})";
        }
    }

    // The compiler gives every class one; the real list leaves it out where it is not declared.
    private static bool ImpliedConstructor(MethodDefinition m) => m.IsConstructor && m.Parameters.Count == 0 && m.DeclaringType.FullName == "System.Object";

    // "method public static extern System.Void Copy(System.Array a, System.Int32 b = 3)" → "method static System.Void Copy(System.Array, System.Int32)".
    private static string Normalize(string member)
    {
        string[] words = member.Split(' ');
        string kind = words[0];
        bool isStatic = words.Contains("static");
        if (kind == "field")
        {
            string declaration = member.Split('=')[0].TrimEnd();
            string[] parts = declaration.Split(' ');
            return $"field {parts[^2]} {parts[^1]}";
        }

        if (kind == "property")
        {
            string declaration = member[..member.IndexOf('{', StringComparison.Ordinal)].TrimEnd();
            string[] parts = declaration.Split('[')[0].Split(' ');
            return $"property {parts[^2]} {parts[^1]}";
        }

        int open = member.IndexOf('(', StringComparison.Ordinal);
        string[] head = member[..open].Split(' ');
        string inside = member[(open + 1)..member.LastIndexOf(')')];
        string parameters = string.Join(", ", inside.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(ParameterType));
        return $"{kind} {(isStatic && kind == "method" ? "static " : string.Empty)}{head[^2]} {head[^1]}({parameters})";
    }

    private static string ParameterType(string parameter)
    {
        string[] words = parameter.Split('=')[0].TrimEnd().Split(' ');
        return words[0] switch
        {
            "out" or "ref" => words[1] + "&",
            "params" => words[1],
            _ => words[0],
        };
    }

    private static JsonElement RealAssembly(string name)
    {
        string path = SharedData.Require("nanoframework/api-surface.json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.EnumerateArray().Single(a => a.GetProperty("assembly").GetString() == name).Clone();
    }
}
