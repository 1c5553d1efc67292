using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Mono.Cecil;
using NfRuntime.Native;
using Xunit;

namespace NfRuntime.Runtime.Tests;

/// <summary>Names on both sides of the border: what C# imports is exported and declared, and both legs import the same.</summary>
public partial class NativeExportTests
{
    private static readonly string _interop = Path.Combine(DeviceAssemblies.Root, "firmware", "interop");

    [Fact]
    public void Every_import_is_exported()
    {
        HashSet<string> exported = [.. Exports()];
        string[] imported = [.. Imports(typeof(NativeStore).Assembly)];
        Assert.Empty(imported.Except(exported));
        Assert.True(imported.Length > 70, $"{imported.Length} imports");
    }

    [Fact]
    public void Every_export_is_declared()
    {
        string headers = string.Concat(new[] { "nfr_native.h", "nfr_device.h", Path.Combine("host", "nfr_host.h") }.Select(h => File.ReadAllText(Path.Combine(_interop, h))));
        string[] exports = [.. Exports()];
        Assert.All(exports, name => Assert.Contains($" {name}(", headers, StringComparison.Ordinal));
        Assert.True(exports.Length > 70, $"{exports.Length} exports");
    }

    [Theory]
    [InlineData("NfRuntime.Native.DeviceMethods")]
    [InlineData("NfRuntime.Native.NativeMethods")]
    public void The_device_leg_asks_for_the_same_functions(string type)
    {
        Type host = typeof(NativeStore).Assembly.GetType(type, throwOnError: true)!;
        string[] here = [.. host.GetMethods(BindingFlags.Static | BindingFlags.NonPublic).Where(m => m.IsDefined(typeof(DllImportAttribute)))
            .Select(m => $"{m.Name}({string.Join(' ', m.GetParameters().Skip(HasContext(m) ? 1 : 0).Select(p => p.ParameterType.Name))})").Order(StringComparer.Ordinal)];
        using var device = AssemblyDefinition.ReadAssembly(DeviceAssemblies.Native);
        string[] there = [.. device.MainModule.GetType(type).Methods.Where(m => m.IsInternalCall)
            .Select(m => $"{m.Name}({string.Join(' ', m.Parameters.Skip(m.Name == "Crc32" ? 0 : 1).Select(p => p.ParameterType.Name))})").Order(StringComparer.Ordinal)];
        Assert.Equal(here, there);
        Assert.True(here.Length > 10, $"{here.Length} functions");
    }

    private static bool HasContext(MethodInfo method) => method.GetParameters()[0].ParameterType == typeof(IntPtr);

    private static IEnumerable<string> Imports(Assembly assembly) => assembly.GetTypes()
        .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public))
        .Select(m => m.GetCustomAttribute<DllImportAttribute>()?.EntryPoint).OfType<string>();

    private static IEnumerable<string> Exports() =>
        Export().Matches(File.ReadAllText(Path.Combine(_interop, "host", "libnfr.map"))).Select(m => m.Groups[1].Value);

    [GeneratedRegex(@"^\s+(nfr_[a-z0-9_]+);", RegexOptions.Multiline)]
    private static partial Regex Export();
}
