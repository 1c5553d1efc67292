using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace NfRuntime.Images.Managed;

/// <summary>
/// Refuses what compiles for nanoFramework and then runs wrong or crashes there, by reading the compiled IL
/// (source: facts on the v1 CLR, which runs generic methods wrongly, crashes on generic classes and multi-dimensional arrays,
/// ignores <c>checked</c>, prints enums as numbers, throws on stackalloc and default interface methods, and fails on pointers).
/// </summary>
public static class DeviceSubset
{
    private static readonly Dictionary<Code, (string Rule, string Message)> _opcodes = CreateOpcodeRules();

    private static readonly string[] _embeddedAttributes =
        ["EmbeddedAttribute", "NullableAttribute", "NullableContextAttribute", "IsReadOnlyAttribute", "IsUnmanagedAttribute", "RefSafetyRulesAttribute"];

    /// <summary>Checks an assembly file; debug information beside it (portable .pdb) gives the lines.</summary>
    /// <exception cref="ManagedImageException">The file is no managed assembly.</exception>
    public static IReadOnlyList<ManagedFinding> Check(string assemblyPath)
    {
        using AssemblyDefinition assembly = ManagedImage.Read(File.ReadAllBytes(assemblyPath), ManagedImage.SymbolsBeside(assemblyPath));
        return Check(assembly);
    }

    /// <summary>Checks an assembly that is already read.</summary>
    public static IReadOnlyList<ManagedFinding> Check(AssemblyDefinition assembly)
    {
        List<ManagedFinding> findings = [];
        foreach (TypeDefinition type in assembly.MainModule.GetTypes())
        {
            CheckType(type, findings);
            foreach (MethodDefinition method in type.Methods)
            {
                CheckSignature(method, findings);
                if (method.HasBody)
                {
                    CheckBody(method, findings);
                }
            }
        }

        return findings.Distinct().ToList();
    }

    private static void CheckType(TypeDefinition type, List<ManagedFinding> findings)
    {
        if (type.HasGenericParameters)
        {
            findings.Add(new("generic-type", type.FullName, LineOf(type), "a generic class crashes the v1 CLR; write it for the type you need"));
        }

        if (Array.IndexOf(_embeddedAttributes, type.Name) >= 0)
        {
            findings.Add(new("embedded-attribute", type.FullName, "(compiler)", "the compiler embedded an attribute that shifts the native method table; use LangVersion 10 and Nullable=disable for netnano1.0"));
        }

        foreach (FieldDefinition field in type.Fields)
        {
            AddTypeUse(field.FieldType, field.FullName, LineOf(type), findings);
        }
    }

    private static void CheckSignature(MethodDefinition method, List<ManagedFinding> findings)
    {
        string line = LineOf(method);
        if (method.HasGenericParameters)
        {
            findings.Add(new("generic-method", method.FullName, line, "a generic method gives wrong results on the v1 CLR; write it for the type you need"));
        }

        if (method.DeclaringType.IsInterface && method.HasBody && !method.IsStatic)
        {
            findings.Add(new("default-interface-method", method.FullName, line, "a default interface method throws on the device; use an abstract class"));
        }

        AddTypeUse(method.ReturnType, method.FullName, line, findings);
        foreach (ParameterDefinition parameter in method.Parameters)
        {
            AddTypeUse(parameter.ParameterType, method.FullName, line, findings);
        }
    }

    private static void CheckBody(MethodDefinition method, List<ManagedFinding> findings)
    {
        foreach (VariableDefinition variable in method.Body.Variables)
        {
            AddTypeUse(variable.VariableType, method.FullName, LineOf(method), findings);
            if (variable.IsPinned)
            {
                findings.Add(new("pointer", method.FullName, LineOf(method), "'fixed' fails in the metadata processor; copy through an array"));
            }
        }

        foreach (Instruction instruction in method.Body.Instructions)
        {
            CheckInstruction(method, instruction, findings);
        }
    }

    private static void CheckInstruction(MethodDefinition method, Instruction instruction, List<ManagedFinding> findings)
    {
        string line = LineOf(method, instruction);
        if (_opcodes.TryGetValue(instruction.OpCode.Code, out (string Rule, string Message) rule))
        {
            findings.Add(new(rule.Rule, method.FullName, line, rule.Message));
        }

        switch (instruction.Operand)
        {
            case TypeReference type:
                AddTypeUse(type, method.FullName, line, findings);
                CheckEnum(method, instruction, type, line, findings);
                break;
            case MethodReference called:
                CheckCall(method, called, line, findings);
                break;
            case FieldReference field:
                AddTypeUse(field.FieldType, method.FullName, line, findings);
                AddTypeUse(field.DeclaringType, method.FullName, line, findings);
                break;
            default:
                break;
        }
    }

    private static void CheckCall(MethodDefinition method, MethodReference called, string line, List<ManagedFinding> findings)
    {
        if (called is GenericInstanceMethod)
        {
            findings.Add(new("generic-method", method.FullName, line, $"calls the generic method {called.Name}, which gives wrong results on the v1 CLR"));
        }

        AddTypeUse(called.DeclaringType, method.FullName, line, findings);
        AddTypeUse(called.ReturnType, method.FullName, line, findings);
        if (called.Name == "GetParameters" && called.DeclaringType.FullName is "System.Reflection.MethodBase" or "System.Reflection.MethodInfo")
        {
            findings.Add(new("get-parameters", method.FullName, line, "MethodBase.GetParameters crashes the CLR"));
        }

        if (called.Name == "ToString" && called.DeclaringType.FullName == "System.Enum")
        {
            findings.Add(new("enum-text", method.FullName, line, "an enum's text is its number on the device; use a switch"));
        }
    }

    // Boxing is how an enum reaches ToString, Format and Concat; a constrained call is the direct way.
    private static void CheckEnum(MethodDefinition method, Instruction instruction, TypeReference type, string line, List<ManagedFinding> findings)
    {
        bool boxes = instruction.OpCode.Code == Code.Box
            || (instruction.OpCode.Code == Code.Constrained && instruction.Next?.Operand is MethodReference { Name: "ToString" });
        if (boxes && IsEnum(type))
        {
            findings.Add(new("enum-text", method.FullName, line, $"the text of enum {type.Name} is its number on the device; use a switch"));
        }
    }

    private static bool IsEnum(TypeReference type)
    {
        TypeDefinition? definition = type as TypeDefinition ?? ManagedImage.TryResolve(type);
        return definition is { IsEnum: true };
    }

    private static void AddTypeUse(TypeReference type, string member, string line, List<ManagedFinding> findings)
    {
        for (TypeReference? at = type; at is not null; at = (at as TypeSpecification)?.ElementType)
        {
            (string Rule, string Message)? problem = at switch
            {
                ArrayType { Rank: > 1 } => ("multi-dimensional-array", "a multi-dimensional array crashes the CLR; use a jagged or a flat array"),
                GenericInstanceType or GenericParameter => ("generic-type", $"uses the generic type {at.Name}, which crashes the v1 CLR; declare a delegate or class of your own"),
                PointerType => ("pointer", "pointers fail in the metadata processor; use an array"),
                _ => null,
            };
            if (problem is { } found)
            {
                findings.Add(new(found.Rule, member, line, found.Message));
                return;
            }
        }
    }

    private static Dictionary<Code, (string Rule, string Message)> CreateOpcodeRules()
    {
        Dictionary<Code, (string, string)> rules = [];
        foreach (Code code in Enum.GetValues<Code>().Where(c => c.ToString().Contains("_Ovf", StringComparison.Ordinal)))
        {
            rules[code] = ("checked-arithmetic", "'checked' does not throw on the device; test the range before the operation");
        }

        rules[Code.Localloc] = ("stackalloc", "stackalloc throws on the device; use an array that is kept");
        rules[Code.Mkrefany] = ("typed-reference", "typed references are not supported on the device");
        rules[Code.Calli] = ("function-pointer", "function pointers are not supported on the device; use a delegate");
        return rules;
    }

    private static string LineOf(TypeDefinition type) =>
        type.Methods.Where(m => m.HasBody).Select(LineOf).FirstOrDefault() ?? type.FullName;

    private static string LineOf(MethodDefinition method) =>
        method.HasBody && method.Body.Instructions.Count > 0 ? LineOf(method, method.Body.Instructions[0]) : method.Name;

    private static string LineOf(MethodDefinition method, Instruction instruction)
    {
        SequencePoint? point = method.DebugInformation.HasSequencePoints
            ? method.DebugInformation.SequencePoints.LastOrDefault(p => !p.IsHidden && p.Offset <= instruction.Offset)
            : null;
        return point is null
            ? $"{method.Name} IL_{instruction.Offset:x4}"
            : $"{Path.GetFileName(point.Document.Url)}:{point.StartLine}";
    }
}
