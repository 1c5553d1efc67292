using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NfRuntime.Model.Plan;
using Xunit;

namespace NfRuntime.Model.Tests.Plan;

public class PlanReaderTests
{
    private static readonly byte[] Sound = ModelCompiler.Compile(VectorGraphs.All["convolution"], new CompileOptions()).Blob.ToArray();

    public static TheoryData<string, int, byte> Breakages => new()
    {
        { "magic", 0, 0 },
        { "major", 4, 2 },
        { "header size", 6, 63 },
        { "total size", 8, 1 },
        { "features", 12, 1 },
        { "tensor count 0", 24, 0 },
        { "tensor count", 25, 0xff },
        { "operator count", 26, 200 },
        { "input count 0", 28, 0 },
        { "input count 9", 28, 9 },
        { "output count", 29, 0 },
        { "tensors in the header", 32, 0 },
        { "tensors outside", 34, 1 },
        { "I/O outside", 38, 1 },
        { "operators outside", 43, 0xff },
        { "operator bytes", 47, 0xff },
        { "constants outside", 51, 0xff },
        { "tensor type", 64 + 8, 5 },
        { "tensor region", 64 + 9, 3 },
        { "tensor beyond the arena", 64 + 2, 1 },
    };

    [Theory]
    [MemberData(nameof(Breakages))]
    public void A_broken_field_is_refused(string what, int offset, byte value)
    {
        byte[] broken = [.. Sound];
        Assert.NotEqual(value, broken[offset]);
        broken[offset] = value;
        Assert.NotEmpty(Assert.Throws<PlanFormatException>(() => PlanReader.Read(broken)).Message);
        Assert.NotEmpty(what);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        for (int length = 0; length < Sound.Length; length++)
        {
            Assert.Throws<PlanFormatException>(() => PlanReader.Read(Sound.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Random_changes_are_read_or_refused_and_nothing_else() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000), Prop.ForAll(
            (from changes in Gen.ArrayOf(Gen.Choose(0, (Sound.Length * 256) - 1), 3) select changes).ToArbitrary(),
            changes =>
            {
                byte[] bytes = [.. Sound];
                foreach (int change in changes)
                {
                    bytes[change / 256] = (byte)change;
                }

                try
                {
                    return PlanReader.Read(bytes).Operators.Count > 0;
                }
                catch (PlanFormatException)
                {
                    return true;
                }
            }));

    [Fact]
    public void Reading_what_was_written_gives_the_same_bytes()
    {
        foreach (string name in VectorGraphs.All.Keys)
        {
            byte[] blob = ModelCompiler.Compile(VectorGraphs.All[name], new CompileOptions()).Blob.ToArray();
            Assert.Equal(blob, PlanWriter.Write(PlanReader.Read(blob)));
        }

        Assert.Contains(PlanReader.Read(Sound).Operators, op => op.Scratch < 0 && op.Inputs.Contains(-1));
    }
}
