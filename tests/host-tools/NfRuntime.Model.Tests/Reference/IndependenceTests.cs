using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace NfRuntime.Model.Tests.Reference;

/// <summary>The oracle and what it judges share the IR and nothing else; so one mistake cannot hide in both.</summary>
public sealed class IndependenceTests
{
    private static readonly string[] Compiler = ["Passes", "Plan", "Execution"];
    private static readonly string[] Oracle = ["Reference"];

    [Fact]
    public void The_evaluator_names_nothing_of_the_compiler() => Assert.Empty(Mentions("Reference", Compiler));

    [Fact]
    public void The_compiler_names_nothing_of_the_evaluator() => Assert.Empty(Compiler.SelectMany(folder => Mentions(folder, Oracle)));

    [Fact]
    public void What_both_use_names_neither() => Assert.Empty(Mentions("Ir", [.. Compiler, .. Oracle]));

    private static string[] Mentions(string folder, string[] namespaces)
    {
        string[] files = Directory.GetFiles(Path.Combine(Root(), "host-tools", "NfRuntime.Model", folder), "*.cs", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        return [.. files.Where(file => namespaces.Any(name => Regex.IsMatch(File.ReadAllText(file), $@"\b{name}(;|\.[A-Z])")))];
    }

    private static string Root()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "nf-runtime.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("the tests run outside a checkout");
        }

        return folder.FullName;
    }
}
