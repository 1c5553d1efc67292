using System;
using System.IO;
using System.Linq;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Plan;
using NfRuntime.Model.Tests.Plan;
using Xunit;

namespace NfRuntime.Model.Tests.Execution;

public sealed class RunnerClientTests(RunnerFixture fixture) : IClassFixture<RunnerFixture>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nfr-runner-tests").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_refused_plan_is_a_result_and_the_runner_goes_on()
    {
        IPlanRunner runner = fixture.Require();
        byte[] broken = Plan();
        broken[0] ^= 1;
        Assert.Equal(-2, runner.Run(new RunJob(broken, [Case()])).LoadError);
        RunResult sound = runner.Run(new RunJob(Plan(), [Case()]));
        Assert.Equal((0, 0), (sound.LoadError, sound.Cases[0].Error));
    }

    [Fact]
    public void An_input_of_another_size_is_that_case_s_error()
    {
        RunResult result = fixture.Require().Run(new RunJob(Plan(), [new RunCase(new byte[3], true), Case()]));
        Assert.Equal([-1, 0], result.Cases.Select(one => one.Error));
    }

    [Fact]
    public void What_the_job_asks_for_is_reported_and_slices_change_nothing()
    {
        IPlanRunner runner = fixture.Require();
        RunResult all = runner.Run(new RunJob(Plan(), [Case()]) { OperatorChecksums = true, MeasureStack = true });
        RunResult slices = runner.Run(new RunJob(Plan(), [Case()]) { Budget = 1, OutputBytes = false });
        Assert.Equal([1u, 2u, 3u, 4u, 6u, 7u], all.Cases[0].Operators.Select(op => op.SourceOperator));
        Assert.Equal(all.Cases[0].Crc32, slices.Cases[0].Crc32);
        Assert.Equal(NfRuntime.Model.Golden.Crc32.Of(all.Cases[0].Output.Span), all.Cases[0].Crc32);
        Assert.Empty(slices.Cases[0].Output.ToArray());
        Assert.True(slices.Cases[0].Steps > 10, $"{slices.Cases[0].Steps} steps");
    }

    [Fact]
    public void A_runner_that_is_not_there_is_named()
    {
        using var client = new RunnerClient(Path.Combine(_folder, "none"));
        Assert.Contains("none cannot be started", Assert.Throws<RunnerException>(() => client.Run(Job())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_runner_that_dies_tells_its_code_and_what_it_wrote()
    {
        using var client = new RunnerClient(Script("echo 'out of luck' >&2; exit 3"));
        string message = Assert.Throws<RunnerException>(() => client.Run(Job())).Message;
        Assert.Contains("gave no result: ended with code 3", message, StringComparison.Ordinal);
        Assert.Contains("out of luck", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_that_is_no_result_is_refused()
    {
        using var client = new RunnerClient(Script("exec cat"));
        string message = Assert.Throws<RunnerException>(() => client.Run(Job())).Message;
        Assert.Contains("the answer is no result of version 1", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_runner_that_does_not_answer_is_ended_in_time()
    {
        using var client = new RunnerClient(Script("exec sleep 60"), TimeSpan.FromMilliseconds(300));
        string message = Assert.Throws<RunnerException>(() => client.Run(Job())).Message;
        Assert.Contains("did not answer in", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_or_changed_result_is_refused_or_read_and_nothing_else()
    {
        using var stream = new MemoryStream();
        foreach (uint word in (ReadOnlySpan<uint>)[0x5252464e, 1, 0, 128, 0, 6, 128, 3, 1, 0, 9, 0x12345678])
        {
            stream.Write(BitConverter.GetBytes(word));
        }

        stream.Write([1, 2, 3]);
        byte[] sound = stream.ToArray();
        Assert.Equal(9u, RunnerProtocol.ReadResult(new MemoryStream(sound), Job()).Cases[0].Steps);
        for (int length = 0; length < sound.Length; length++)
        {
            Assert.Throws<EndOfStreamException>(() => RunnerProtocol.ReadResult(new MemoryStream(sound, 0, length), Job()));
        }

        for (int offset = 0; offset < sound.Length; offset++)
        {
            byte[] changed = [.. sound];
            changed[offset] ^= 0xff;
            Exception? e = Record.Exception(() => RunnerProtocol.ReadResult(new MemoryStream(changed), Job()));
            Assert.True(e is null or InvalidDataException or EndOfStreamException, $"byte {offset}: {e}");
        }
    }

    private static byte[] Plan() => ModelCompiler.Compile(VectorGraphs.All["convolution"], new CompileOptions()).Blob.ToArray();

    private static RunCase Case() => new(new byte[72], true);

    private static RunJob Job() => new(Plan(), [Case()]);

    private string Script(string body)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("this test's fake runner is a shell script");
        }

        string path = Path.Combine(_folder, "runner.sh");
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }
}
