using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Import;
using NfRuntime.Model.Tests.Import.Building;
using Xunit;

namespace NfRuntime.Model.Tests.Import;

/// <summary>Files that are no FlatBuffers: one problem, with the byte and the structure.</summary>
public class MalformedFileTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Too_short(int length) => Expect(new byte[length], 0, "Model", "shorter than the 8 bytes");

    [Fact]
    public void Wrong_identifier()
    {
        byte[] file = SampleModels.Add().Build();
        file[7] = (byte)'2';
        Expect(file, 4, "Model", "the file identifier is not \"TFL3\"");
    }

    [Fact]
    public void Root_outside_the_file() => Expect(Patched(file => Put(file, 0, (uint)file.Length)), 0, "Model", "leads outside the file");

    [Fact]
    public void Root_that_points_to_itself() => Expect(Patched(file => Put(file, 0, 0)), 0, "Model", "leads outside the file");

    [Fact]
    public void Root_that_is_odd() => Expect(Patched(file => Put(file, 0, Root(file) + 1)), null, "Model", "not a multiple of 4");

    [Fact]
    public void Vtable_outside_the_file() => Expect(Patched(file => Put(file, (int)Root(file), 0x7FFFFFFF)), null, "Model", "the vtable's position");

    [Fact]
    public void Vtable_of_impossible_size() => Expect(
        Patched(file => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Vtable(file)), 0xFFFE)), null, "Model", "the vtable's size 65534 is impossible");

    [Fact]
    public void Table_of_impossible_size() => Expect(
        Patched(file => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Vtable(file) + 2), 0xFFFF)), null, "Model", "the table's size 65535 is impossible");

    [Fact]
    public void Field_outside_its_table() => Expect(
        Patched(file => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Vtable(file) + 4), 4000)), null, "Model", "field 0 lies outside its table");

    [Fact]
    public void Wrong_schema_version()
    {
        ModelBuilder m = SampleModels.Add();
        m.Model.Set(0, 4u);
        Expect(m.Build(), null, "Model.version", "the schema version is 4, not 3");
    }

    [Fact]
    public void No_subgraph()
    {
        ModelBuilder m = SampleModels.Add();
        m.Build();
        m.Model.Set(2, null);
        Expect(FbWriter.Write(m.Model, "TFL3"), null, "Model.subgraphs", "no subgraph");
    }

    [Fact]
    public void Operator_code_out_of_range()
    {
        ModelBuilder m = SampleModels.Add();
        m.Operators[0].Set(ModelBuilder.OperatorField.Code, 5u);
        Expect(m.Build(), null, "Operator.opcode_index", "operator code 5 is named, but the model has 1");
    }

    [Theory]
    [InlineData(0xFFFFFFFF)]
    [InlineData(0x40000000)]
    [InlineData(1000)]
    public void Huge_counts_are_refused_before_anything_is_allocated(uint count)
    {
        // The name's length stands right before its characters.
        byte[] file = SampleModels.Transpose().Build();
        int at = file.AsSpan().IndexOf("permutation"u8) - 4;
        Put(file, at, count);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(TfliteImporter.TryImport(file, "huge", out _, out IReadOnlyList<ModelProblem> problems));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal(ModelProblemKind.Malformed, Assert.Single(problems).Kind);
        Assert.Equal("Tensor.name", problems[0].Structure);
        Assert.Equal(at + 4, problems[0].ByteOffset);
        Assert.Contains($"{count} elements of 1 bytes do not fit", problems[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void More_tensors_than_accepted()
    {
        ModelBuilder m = SampleModels.Add();
        m.Tensors.AddRange(Enumerable.Repeat(new FbTable(), ImportLimits.MaxTensors));
        Expect(m.Build(), null, "SubGraph.tensors", $"{ImportLimits.MaxTensors + 3} elements are more than the {ImportLimits.MaxTensors}");
    }

    [Fact]
    public void String_without_terminator()
    {
        ModelBuilder m = SampleModels.Softmax();
        m.Tensors[1].Set(ModelBuilder.TensorField.Name, "the very last string of the file");
        byte[] file = m.Build();
        int end = file.AsSpan().IndexOf("the very last string of the file"u8) + 32;
        Put(file, end - 36, (uint)(file.Length - end + 32));
        Expect(file, null, "Tensor.name", "no terminator");
    }

    [Fact]
    public void Aliased_tables_end_at_the_budget()
    {
        // Twenty tensors that are one table, whose 65,536 scales are most of the file.
        ModelBuilder m = SampleModels.Logistic();
        for (int index = 1; index < 10; index++)
        {
            m.Operator(14, [2 * index], [(2 * index) + 1]);
        }

        FbTable tensor = m.Shape(0, ImportLimits.MaxChannels).Quantization(0, ModelBuilder.Affine(
            [.. Enumerable.Repeat(1f, ImportLimits.MaxChannels)], new long[ImportLimits.MaxChannels], 0)).Tensors[0];
        m.Build();
        m.Subgraph.Set(0, new AliasedTables(tensor, 20));
        byte[] file = FbWriter.Write(m.Model, "TFL3");
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(TfliteImporter.TryImport(file, "aliased", out _, out IReadOnlyList<ModelProblem> problems));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8L * file.Length);
        Assert.Equal("the same bytes are referred to over and over", Assert.Single(problems).Sentence);
    }

    [Fact]
    public void Aliased_operators_end_at_the_list_of_problems()
    {
        ModelBuilder m = SampleModels.Add();
        m.Build();
        FbTable op = m.Operators[0].Set(ModelBuilder.OperatorField.Inputs, new int[ImportLimits.MaxOperands]);
        m.Subgraph.Set(3, new AliasedTables(op, ImportLimits.MaxOperators));
        Assert.Equal(ImportLimits.MaxProblems, Refusal.Problems(FbWriter.Write(m.Model, "TFL3")).Count);
    }

    [Fact]
    public void An_offset_cannot_lead_back() =>
        Expect(Patched(file => Put(file, (int)Root(file) + 8, unchecked((uint)-8))), null, "Model.operator_codes", "leads outside the file");

    [Fact]
    public void Any_word_may_be_any_forward_offset()
    {
        byte[] file = SampleModels.Conv2D().Build();
        int refused = 0;
        for (int at = 0; at + 4 <= file.Length; at += 4)
        {
            byte[] copy = [.. file];
            for (int target = at; target < Math.Min(file.Length, at + 400); target += 4)
            {
                Put(copy, at, (uint)(target - at));
                bool imported = TfliteImporter.TryImport(copy, "spliced", out _, out IReadOnlyList<ModelProblem> problems);
                Assert.Equal(imported, problems.Count == 0);
                refused += imported ? 0 : 1;
            }
        }

        Assert.True(refused > 1000);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        foreach (ModelBuilder model in SampleModels.All.Values)
        {
            byte[] file = model.Build();

            // The last bytes may be the table of an empty buffer, which nothing asks for.
            for (int length = 0; length < file.Length - 16; length++)
            {
                Assert.False(TfliteImporter.TryImport(file.AsMemory(0, length), "cut", out _, out _), $"cut to {length} of {file.Length}");
            }
        }
    }

    [Fact]
    public void The_file_may_not_be_too_large() => Expect(new byte[ImportLimits.MaxFileBytes + 1], 0, "Model", "more than the 67108864");

    private static void Expect(byte[] file, long? offset, string structure, string sentence)
    {
        ModelProblem problem = Assert.Single(Refusal.Problems(file));
        Assert.Equal(ModelProblemKind.Malformed, problem.Kind);
        Assert.Equal(structure, problem.Structure);
        Assert.Contains(sentence, problem.Sentence, StringComparison.Ordinal);
        Assert.Equal(offset ?? problem.ByteOffset, problem.ByteOffset);
        Assert.InRange(problem.ByteOffset!.Value, 0, file.Length);
        Assert.StartsWith($"byte {problem.ByteOffset} ({structure}): ", problem.ToString(), StringComparison.Ordinal);
    }

    private static byte[] Patched(Action<byte[]> patch)
    {
        byte[] file = SampleModels.Add().Build();
        patch(file);
        return file;
    }

    private static uint Root(byte[] file) => BinaryPrimitives.ReadUInt32LittleEndian(file);

    private static int Vtable(byte[] file) => (int)Root(file) - BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan((int)Root(file)));

    private static void Put(byte[] file, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);
}
