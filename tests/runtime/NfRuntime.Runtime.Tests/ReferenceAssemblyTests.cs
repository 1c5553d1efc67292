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
    [InlineData("nanoFramework.Runtime.Native", 6)]
    [InlineData("System.IO.Streams", 7)]
    [InlineData("System.Net", 30)]
    [InlineData("nanoFramework.M2Mqtt.Core", 25)]
    [InlineData("nanoFramework.M2Mqtt", 18)]
    public void Every_member_exists_in_the_real_assembly(string name, int least)
    {
        JsonElement real = RealAssembly(name);
        using AssemblyDefinition ours = AssemblyDefinition.ReadAssembly(DeviceAssemblies.Reference(name));
        Assert.Equal(real.GetProperty("version").GetString(), ours.Name.Version.ToString());

        Dictionary<string, JsonElement> types = real.GetProperty("types").EnumerateArray().ToDictionary(t => t.GetProperty("name").GetString()!);
        List<string> problems = [];
        int members = 0;
        foreach (TypeDefinition type in ours.MainModule.GetTypes().Where(t => t.IsPublic || t.IsNestedPublic))
        {
            if (!types.TryGetValue(Name(type), out JsonElement realType))
            {
                problems.Add($"type {type.FullName} does not exist");
                continue;
            }

            CompareType(type, realType, problems);
            HashSet<string> signatures = realType.GetProperty("members").EnumerateArray().Select(m => Normalize(m.GetString()!, type.IsEnum)).ToHashSet();
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

    [Fact]
    public void Every_reference_assembly_is_compared()
    {
        string folder = Path.Combine(DeviceAssemblies.Root, "runtime", "reference-assemblies");
        IEnumerable<string> compared = typeof(ReferenceAssemblyTests).GetMethod(nameof(Every_member_exists_in_the_real_assembly))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false).Select(d => (string)((InlineDataAttribute)d).Data[0]!);
        Assert.Equal(Directory.GetDirectories(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal), compared.Order(StringComparer.Ordinal));
    }

    private static string Name(TypeReference type) => type.FullName.Replace('/', '+');

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
            yield return $"field {Name(field.FieldType)} {field.Name}{(type.IsEnum ? $" = {field.Constant}" : string.Empty)}";
        }

        foreach (PropertyDefinition property in type.Properties)
        {
            string accessors = (property.GetMethod is null ? string.Empty : " get") + (property.SetMethod is null ? string.Empty : " set");
            yield return $"property {Name(property.PropertyType)} {property.Name}{accessors}";
        }

        foreach (EventDefinition raised in type.Events)
        {
            yield return $"event {Name(raised.EventType)} {raised.Name}";
        }

        foreach (MethodDefinition method in type.Methods.Where(m => (m.IsPublic || m.IsFamily) && !m.IsGetter && !m.IsSetter && !m.IsAddOn && !m.IsRemoveOn && !Implied(m)))
        {
            string parameters = string.Join(", ", method.Parameters.Select(p => Name(p.ParameterType)));
            yield return (method.IsConstructor ? "ctor" : "method") + $" {(method.IsStatic ? "static " : string.Empty)}{Name(method.ReturnType)} {method.Name}({parameters})";
        }
    }

    // The compiler gives every class a constructor and every delegate four methods; the real list leaves out what is not declared, and of a delegate all but Invoke.
    private static bool Implied(MethodDefinition m) =>
        (m.IsConstructor && m.Parameters.Count == 0 && m.DeclaringType.FullName == "System.Object")
        || (m.DeclaringType.BaseType?.FullName == "System.MulticastDelegate" && m.Name != "Invoke");

    // "method public static extern System.Void Copy(System.Array a, System.Int32 b = 3)" → "method static System.Void Copy(System.Array, System.Int32)".
    private static string Normalize(string member, bool isEnum)
    {
        string[] words = member.Split(' ');
        string kind = words[0];
        bool isStatic = words.Contains("static");
        if (kind == "field")
        {
            string[] halves = member.Split('=');
            string[] parts = halves[0].TrimEnd().Split(' ');
            return $"field {parts[^2]} {parts[^1]}{(halves.Length == 2 && isEnum ? " =" + halves[1] : string.Empty)}";
        }

        if (kind == "property")
        {
            string declaration = member[..member.IndexOf('{', StringComparison.Ordinal)].TrimEnd();
            int index = declaration.EndsWith(']') ? declaration.LastIndexOf('[') : declaration.Length; // Item[System.Int32 index]
            string[] parts = declaration[..index].Split(' ');
            string accessors = (member.Contains(" get;", StringComparison.Ordinal) ? " get" : string.Empty) + (member.Contains(" set;", StringComparison.Ordinal) ? " set" : string.Empty);
            return $"property {parts[^2]} {parts[^1]}{accessors}";
        }

        if (kind == "event")
        {
            return $"event {words[^2]} {words[^1]}";
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
