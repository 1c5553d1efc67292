using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;

namespace NfRuntime.Model.Execution;

/// <summary>Bytes of jobs and results, version 1 (firmware/RUNNER.md).</summary>
public static class RunnerProtocol
{
    private const uint JobMagic = 0x4a52464e;    // "NFRJ"
    private const uint ResultMagic = 0x5252464e; // "NFRR"
    private const uint Version = 1;
    private const uint MaxOperators = 512;
    private const uint MaxOutputBytes = 256u << 20;

    /// <summary>Writes a job.</summary>
    public static void WriteJob(Stream stream, RunJob job)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(job);
        uint flags = (job.OperatorChecksums ? 1u : 0) | (job.OutputBytes ? 2u : 0) | (job.MeasureStack ? 4u : 0);
        Write(stream, JobMagic, Version, flags, job.MaxSlice, job.Budget, (uint)job.Plan.Length);
        stream.Write(job.Plan.Span);
        Write(stream, (uint)job.Cases.Count);
        foreach (RunCase item in job.Cases)
        {
            Write(stream, item.ResetState ? 1u : 0, (uint)item.Input.Length);
            stream.Write(item.Input.Span);
        }
    }

    /// <summary>Reads the result of <paramref name="job"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are no result of this job.</exception>
    /// <exception cref="EndOfStreamException">The stream ends early.</exception>
    public static RunResult ReadResult(Stream stream, RunJob job)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(job);
        Require(ReadU32(stream) == ResultMagic && ReadU32(stream) == Version, "the answer is no result of version 1");
        int loadError = unchecked((int)ReadU32(stream));
        if (loadError != 0)
        {
            return new RunResult(loadError, 0, 0, 0, []);
        }

        uint arenaBytes = ReadU32(stream);
        uint stateBytes = ReadU32(stream);
        uint operators = ReadU32(stream);
        uint contextBytes = ReadU32(stream);
        uint outputBytes = ReadU32(stream);
        uint caseCount = ReadU32(stream);
        Require(operators <= MaxOperators, $"the result has {operators} operators");
        Require(outputBytes <= MaxOutputBytes, $"the result has {outputBytes} bytes of outputs");
        Require(caseCount == job.Cases.Count, $"the result has {caseCount} cases, the job {job.Cases.Count}");
        var cases = new List<RunCaseResult>();
        for (int i = 0; i < job.Cases.Count; i++)
        {
            cases.Add(ReadCase(stream, job, operators, outputBytes));
        }

        return new RunResult(0, arenaBytes, stateBytes, contextBytes, cases);
    }

    private static RunCaseResult ReadCase(Stream stream, RunJob job, uint operatorCount, uint outputBytes)
    {
        int error = unchecked((int)ReadU32(stream));
        if (error != 0)
        {
            return new RunCaseResult(error, 0, 0, [], 0, ReadOnlyMemory<byte>.Empty);
        }

        uint steps = ReadU32(stream);
        uint stackBytes = job.MeasureStack ? ReadU32(stream) : 0;
        var operators = new List<OperatorChecksum>();
        for (uint i = 0; job.OperatorChecksums && i < operatorCount; i++)
        {
            operators.Add(new OperatorChecksum(ReadU32(stream), ReadU32(stream), ReadU32(stream)));
        }

        uint crc = ReadU32(stream);
        var output = new byte[job.OutputBytes ? outputBytes : 0];
        stream.ReadExactly(output);
        return new RunCaseResult(0, steps, stackBytes, operators, crc, output);
    }

    private static void Write(Stream stream, params ReadOnlySpan<uint> values)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (uint value in values)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
            stream.Write(bytes);
        }
    }

    private static uint ReadU32(Stream stream)
    {
        Span<byte> bytes = stackalloc byte[4];
        stream.ReadExactly(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new InvalidDataException(problem);
        }
    }
}
