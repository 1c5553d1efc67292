using System;
using NfRuntime.Model.Reference;
using Xunit;

namespace NfRuntime.Model.Tests.Reference;

public class LookupTablesTests
{
    [Fact]
    public void Sigmoid_entries_by_hand()
    {
        // sigmoid(1/24) × 2^16 = 33450.57; half the midpoint's error is 0.06.
        Assert.Equal(256, LookupTables.Sigmoid.Length);
        Assert.Equal(32768, LookupTables.Sigmoid[0]);
        Assert.Equal(33451, LookupTables.Sigmoid[1]);
        Assert.Equal(65535, LookupTables.Sigmoid[255]);

        // sigmoid(28/24) × 2^16 = 49973.95 rounds to 49974; with 0.68, half of the midpoint's error, to 49975.
        Assert.Equal(49975, LookupTables.Sigmoid[28]);
    }

    [Fact]
    public void Tables_are_monotonic_and_end_where_they_should()
    {
        Assert.Equal(513, LookupTables.Exp.Length);
        Assert.Equal(513, LookupTables.OneOverOnePlus.Length);
        Assert.Equal(32767, LookupTables.Exp[512]); // exp(0) = 1 saturates
        Assert.Equal(32767, LookupTables.OneOverOnePlus[0]);
        Assert.Equal(16384, LookupTables.OneOverOnePlus[512]); // 1/2
        for (int i = 1; i < 513; i++)
        {
            Assert.True(LookupTables.Exp[i] >= LookupTables.Exp[i - 1]);
            Assert.True(LookupTables.OneOverOnePlus[i] <= LookupTables.OneOverOnePlus[i - 1]);
        }
    }

    [Fact]
    public void Interpolation_by_hand()
    {
        short[] table = new short[513];
        table[256] = 100;
        table[257] = 103;
        Assert.Equal(100, LookupTables.Interpolate(0, table));
        Assert.Equal(102, LookupTables.Interpolate(64, table)); // 101.5 half up
        Assert.Equal(103, LookupTables.Interpolate(127, table));
        Assert.Equal(99, LookupTables.Interpolate(-1, table)); // (100 × 127 + 64) >> 7
    }

    [Fact]
    public void Sigmoid_and_tanh_follow_the_real_functions()
    {
        for (int x = short.MinValue; x <= short.MaxValue; x += 37)
        {
            double real = x / 4096.0;
            Assert.Equal(1 / (1 + Math.Exp(-real)), TableFunctions.Sigmoid(x, 3, 0) / 32768.0, 1e-4);
            Assert.Equal(Math.Tanh(real), TableFunctions.Tanh(x, 3, 0) / 32768.0, 1e-4);
        }
    }
}
