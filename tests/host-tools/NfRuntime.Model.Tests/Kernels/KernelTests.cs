using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using NfRuntime.Model.Execution;
using Xunit;

namespace NfRuntime.Model.Tests.Kernels;

/// <summary>
/// Kernels of ARMv7E-M, bit for bit against the reference evaluator over generated operators: on this machine, where their
/// instructions are C, and on the emulated Cortex-M4. NFR_TEST_ITERATIONS sets the number of operators (default 1000),
/// NFR_TEST_SEED the first seed (default 1); a failure names its seed and shows the operator. tests/end-to-end/kernels.sh
/// builds the runners and runs these; a run that does not ask for them leaves them out.
/// </summary>
public sealed class KernelTests(ITestOutputHelper output)
{
    private const int Batch = 400;

    private static readonly int Operators = Number("NFR_TEST_ITERATIONS", 1000);
    private static readonly int FirstSeed = Number("NFR_TEST_SEED", 1);

    [Fact(Explicit = true)]
    public void Emulated_instructions_compute_what_the_reference_does()
    {
        using var client = new RunnerClient(Built("host-asan", "nfr-runner-armv7em"));
        Check("host, instructions in C", "cortex-m4", jobs => [.. jobs.Select(client.Run)]);
    }

    [Fact(Explicit = true)]
    public void The_Cortex_M4_computes_what_the_reference_does()
    {
        using QemuRunner runner = QemuRunner.CortexM4(Built("m4", "nfr-runner.elf"));
        Check(QemuRunner.CortexM4Board, "cortex-m4", runner.RunAll);
    }

    private void Check(string where, string target, Func<IReadOnlyList<RunJob>, IReadOnlyList<RunResult>> run)
    {
        var tally = new KernelTally();
        for (int first = FirstSeed; first < FirstSeed + Operators; first += Batch)
        {
            int count = Math.Min(Batch, FirstSeed + Operators - first);
            KernelCase[] cases = [.. Enumerable.Range(first, count).Select(seed => KernelCase.TryCreate(seed, target)).OfType<KernelCase>()];
            foreach ((KernelCase one, RunResult? result) in Run(cases, run))
            {
                Assert.True(one.Problem(result) is not { } problem, $"{where}, NFR_TEST_SEED={one.Seed} NFR_TEST_ITERATIONS=1: {one.Problem(result)}\n{one}");
                tally.Add(one);
            }
        }

        output.WriteLine($"{where}: {tally}; refused by the compiler {Operators - tally.Operators}; seeds {FirstSeed} to {FirstSeed + Operators - 1}");
        tally.RequireVariety(Operators);
    }

    // A runner that dies gives no result at all: halves, until the operator is found.
    private static IEnumerable<(KernelCase Case, RunResult? Result)> Run(KernelCase[] cases, Func<IReadOnlyList<RunJob>, IReadOnlyList<RunResult>> run)
    {
        IReadOnlyList<RunResult>? results = null;
        string? died = null;
        try
        {
            results = run([.. cases.Select(one => one.Job)]);
        }
        catch (RunnerException e)
        {
            died = e.Message;
        }

        if (results is not null)
        {
            return cases.Select((one, i) => (one, (RunResult?)results[i]));
        }

        int half = cases.Length / 2;
        return cases.Length == 1 ? [(cases[0] with { Died = died }, null)] : Run(cases[..half], run).Concat(Run(cases[half..], run));
    }

    private static string Built(string folder, string file)
    {
        for (DirectoryInfo? root = new(AppContext.BaseDirectory); root is not null; root = root.Parent)
        {
            string path = Path.Combine(root.FullName, "artifacts", "firmware", folder, file);
            if (File.Exists(path))
            {
                return path;
            }
        }

        Assert.Fail($"artifacts/firmware/{folder}/{file} is not built: bash tests/end-to-end/kernels.sh");
        return string.Empty;
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number : otherwise;
}
