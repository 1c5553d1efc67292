using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Errors;

public class ErrorReferenceTests
{
    private static readonly string[] Rows = [.. File.ReadAllLines(Path.Combine(Repository.Root, "docs", "reference", "errors.md")).Where(line => line.StartsWith("| CAPSULE", StringComparison.Ordinal))];

    [Fact]
    public void Every_error_stands_in_the_reference_with_its_exit_code()
    {
        string[] expected = [.. ErrorCodes.All.Select(code => $"| {code.Name} | {code.Exit} | {code.Title} |")];
        Assert.Equal(expected, Rows.Select(row => string.Join('|', row.Split('|')[..4]) + "|"));
        Assert.All(Rows, row => Assert.NotEqual(string.Empty, row.Split('|')[4].Trim()));
    }

    [Fact]
    public void All_has_every_code_once_in_order()
    {
        ErrorCode[] declared = [.. typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<ErrorCode>()];
        Assert.Equal(declared.OrderBy(code => code.Number), ErrorCodes.All);
        Assert.Equal(ErrorCodes.All.Count, ErrorCodes.All.DistinctBy(code => code.Number).Count());
    }

    [Fact]
    public void Every_code_is_used()
    {
        string sources = string.Concat(Directory.GetFiles(Path.Combine(Repository.Root, "host-tools", "NfRuntime.Cli"), "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "ErrorCodes.cs").Select(File.ReadAllText));
        Assert.All(typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static), field => Assert.Contains($"ErrorCodes.{field.Name}", sources, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_exit_code_stands_in_the_reference()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "reference", "errors.md"));
        Assert.All(typeof(ExitCode).GetFields(BindingFlags.Public | BindingFlags.Static), field => Assert.Contains($"| {field.GetRawConstantValue()} |", text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_library_that_is_not_installed_is_no_defect_of_the_tool()
    {
        // As the runtime writes it.
        DllNotFoundException missing = Assert.Throws<DllNotFoundException>(() => NativeLibrary.Load("libmosquitto-that-is-not-there.so.1"));
        ToolException error = ErrorMapper.Map(missing, TestContext.Current.CancellationToken);
        Assert.Equal("CAPSULE1010", error.Code.Name);
        Assert.Contains("libmosquitto-that-is-not-there.so.1 is not installed", error.Message, StringComparison.Ordinal);
        Assert.Contains("libmosquitto1", error.Remedy, StringComparison.Ordinal);
    }
}
