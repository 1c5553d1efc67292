using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Boards;
using NfRuntime.Cli.Building;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Models;
using NfRuntime.Cli.Projects;
using NfRuntime.Cli.Testing;
using NfRuntime.Cli.Tests.Harness;
using NfRuntime.Images.Capsule;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;
using Xunit;

namespace NfRuntime.Cli.Tests.Building;

/// <summary>Whatever a runner gets wrong is seen: by the proof before signing, and by the test of an image.</summary>
public sealed class LyingRunnerTests : IDisposable
{
    private static readonly Graph Graph = TfliteImporter.Import(File.ReadAllBytes(Repository.FashionModel), "fashion_v1");
    private static readonly CompiledPlan Plan = ModelCompiler.Compile(Graph, new CompileOptions());
    private static readonly string[] Files = [.. Directory.GetFiles(Path.Combine(Repository.Fashion, "images"), "0*.raw").Order(StringComparer.Ordinal).Take(3)];
    private static readonly IReadOnlyList<ReferenceVector> Vectors = ReferenceVectors.Compute(Graph, Files, new TensorMaker(Graph, []), VectorFormat.UInt8);
    private readonly RunnerClient _runner = new(Repository.RequireRunner());

    public static TheoryData<string, string> Lies => new()
    {
        { "output", "byte 9 of the output differs" },
        { "operator", $"operator {Plan.Operators[2].SourceOperator} ({Plan.Operators[2].SourceName}, tensor " },
        { "error", "the inference failed: CORRUPT" },
    };

    [Fact]
    public async Task The_truth_passes()
    {
        GoldenVectors vectors = await ProveAsync(run => run);
        Assert.Equal((3, 784, 10, Plan.Operators.Count), (vectors.Cases.Count, vectors.InputBytes, vectors.OutputBytes, vectors.OperatorCount));
        TestOutcome outcome = await TestAsync(vectors, run => run);
        Assert.Equal((3, 0), (outcome.Passed, outcome.Failed));
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_lie_about_one_vector_is_refused_and_named(string lie, string message)
    {
        ToolException error = await Assert.ThrowsAsync<ToolException>(() => ProveAsync(run => Lie(lie, run)));
        Assert.Equal(ErrorCodes.ResultDiffers, error.Code);
        Assert.StartsWith($"Target host, vector 1 ({Path.GetFileName(Files[1])}): ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("output", "vector 1: the output differs")]
    [InlineData("operator", "vector 1: operator ")]
    [InlineData("error", "vector 1: the inference failed: CORRUPT")]
    public async Task A_lie_fails_one_test_of_an_image(string lie, string message)
    {
        TestOutcome outcome = await TestAsync(await ProveAsync(run => run), run => Lie(lie, run));
        Assert.Equal(2, outcome.Passed);
        Assert.StartsWith(message, Assert.Single(outcome.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_that_the_engine_refuses_is_never_signed()
    {
        using var board = new Board("host", "host", _runner);
        CompiledPlan broken = Plan with { Blob = Plan.Blob.ToArray().Select((value, index) => index == 4 ? (byte)9 : value).ToArray() };
        ToolException error = await Assert.ThrowsAsync<ToolException>(() => TargetProof.ProveAsync(board, "host", broken, Vectors, TestContext.Current.CancellationToken));
        Assert.Equal((ErrorCodes.BoardFailed, "host refused the plan: VERSION, an unknown major version."), (error.Code, error.Message));
    }

    [Theory]
    [InlineData(1, "layout 1 (Smlad)")]
    [InlineData(9, "layout 9 (unknown to this tool)")]
    public async Task A_layout_that_the_firmware_lacks_is_named(int layout, string name)
    {
        byte[] bytes = Plan.Blob.ToArray();
        bytes[56 + (layout / 8)] |= (byte)(1 << (layout % 8)); // nfr_plan_header.layouts
        using var board = new Board("old", "host", new Refusing(-4));
        ToolException error = await Assert.ThrowsAsync<ToolException>(() => TargetProof.ProveAsync(board, "host", Plan with { Blob = bytes }, Vectors, TestContext.Current.CancellationToken));
        Assert.Equal(ErrorCodes.BoardFailed, error.Code);
        Assert.EndsWith($"; its weights have {name}.", error.Message, StringComparison.Ordinal);
        Assert.Contains("--target host", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_engine_itself_refuses_a_layout_that_it_lacks()
    {
        byte[] bytes = Plan.Blob.ToArray();
        bytes[57] |= 2; // layout 9
        using var board = new Board("host", "host", _runner);
        ToolException error = await Assert.ThrowsAsync<ToolException>(() => TargetProof.ProveAsync(board, "host", Plan with { Blob = bytes }, Vectors, TestContext.Current.CancellationToken));
        Assert.Contains("UNSUPPORTED", error.Message, StringComparison.Ordinal);
        Assert.Contains("layout 9 (unknown to this tool)", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _runner.Dispose();

    private static RunCaseResult Lie(string lie, RunCaseResult run)
    {
        byte[] output = run.Output.ToArray();
        output[9] ^= 1;
        return lie switch
        {
            "output" => run with { Output = output },
            "operator" => run with { Operators = [.. run.Operators.Select((op, index) => index == 2 ? op with { Crc32 = op.Crc32 ^ 1 } : op)] },
            _ => run with { Error = -2 },
        };
    }

    private async Task<GoldenVectors> ProveAsync(Func<RunCaseResult, RunCaseResult> change)
    {
        using var board = new Board("host", "host", new Liar(_runner, change));
        return await TargetProof.ProveAsync(board, "host", Plan, Vectors, TestContext.Current.CancellationToken);
    }

    private async Task<TestOutcome> TestAsync(GoldenVectors vectors, Func<RunCaseResult, RunCaseResult> change)
    {
        using var board = new Board("host", "host", new Liar(_runner, change));
        return await new ImageTester(board, PlanSource.Read("fashion:1", "host", Plan.Blob)).TestVectorsAsync(vectors, TestContext.Current.CancellationToken);
    }

    /// <summary>A firmware that loads nothing.</summary>
    private sealed class Refusing(int error) : IPlanRunner
    {
        public RunResult Run(RunJob job) => new(error, 0, 0, 0, []);
    }

    /// <summary>Changes the second case's result.</summary>
    private sealed class Liar(IPlanRunner runner, Func<RunCaseResult, RunCaseResult> change) : IPlanRunner
    {
        public RunResult Run(RunJob job)
        {
            RunResult result = runner.Run(job);
            return result with { Cases = [.. result.Cases.Select((one, index) => index == 1 ? change(one) : one)] };
        }
    }
}
