using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Hosting;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;
using Xunit;

namespace NfRuntime.Cli.Tests.Harness;

/// <summary>What a command line gave.</summary>
internal sealed record ToolResult(int Exit, string Out, string Error)
{
    /// <summary>Demands success and returns standard output.</summary>
    public string Succeeded()
    {
        Assert.True(Exit == 0, $"exit {Exit}\n{Out}\n{Error}");
        return Out;
    }

    /// <summary>Demands an exit code and an error, and returns standard error.</summary>
    public string Failed(int exit, string code)
    {
        Assert.True(Exit == exit && Error.Contains(code, StringComparison.Ordinal), $"exit {Exit}, expected {exit} and {code}\n{Out}\n{Error}");
        return Error;
    }
}

/// <summary>The tool in this process, with a home folder of its own that is deleted at the end.</summary>
internal sealed class Tool : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("capsule-tests-");

    /// <summary>Compiles models for the tool; a test may put a broken one here.</summary>
    public Func<Graph, CompileOptions, CompiledPlan> Compiler { get; set; } = ModelCompiler.Compile;

    /// <summary>Environment variables besides NFR_HOME.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>Whether the tool sees a terminal.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Columns of the terminal that the tool sees; null when it sees none.</summary>
    public int? OutWidth { get; init; }

    public string Home => Path.Combine(_folder.FullName, "home");

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public string Write(string name, string text)
    {
        string path = File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    /// <summary>A home with keys.</summary>
    public static async Task<Tool> WithKeysAsync()
    {
        var tool = new Tool();
        (await tool.RunAsync("keygen")).Succeeded();
        return tool;
    }

    public Task<ToolResult> RunAsync(params string[] arguments) => RunAsync(TestContext.Current.CancellationToken, arguments);

    public async Task<ToolResult> RunAsync(CancellationToken cancellation, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var environment = new ToolEnvironment
        {
            Out = output,
            Error = error,
            Variable = name => name == ToolHome.HomeVariable ? Home : Variables.GetValueOrDefault(name) ?? (name == "NFR_RUNNER" ? Environment.GetEnvironmentVariable(name) : null),
            Compiler = Compiler,
            OutWidth = OutWidth,
            OutIsTerminal = OutIsTerminal,
        };
        int exit = await CapsuleTool.RunAsync(arguments, environment, cancellation);
        return new ToolResult(exit, output.ToString(), error.ToString());
    }

    /// <summary>A copy of the sample project v1 with the first ten images, in a folder of its own.</summary>
    public string CopyFashion(string name)
    {
        string folder = File(name);
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        Directory.CreateDirectory(Path.Combine(folder, "v1"));
        System.IO.File.Copy(Path.Combine(Repository.Fashion, "labels.txt"), Path.Combine(folder, "labels.txt"));
        foreach (string image in Directory.GetFiles(Path.Combine(Repository.Fashion, "images"), "0*.raw"))
        {
            System.IO.File.Copy(image, Path.Combine(folder, "images", Path.GetFileName(image)));
        }

        foreach (string file in Directory.GetFiles(Repository.FashionV1))
        {
            System.IO.File.Copy(file, Path.Combine(folder, "v1", Path.GetFileName(file)));
        }

        return Path.Combine(folder, "v1");
    }

    /// <summary>Replaces text in a project's capsule.json.</summary>
    public static void Edit(string project, string from, string to)
    {
        string path = Path.Combine(project, "capsule.json");
        string text = System.IO.File.ReadAllText(path);
        Assert.Contains(from, text, StringComparison.Ordinal);
        System.IO.File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
