using System;
using System.Linq;
using NfRuntime.Images.Store;
using Xunit;

namespace NfRuntime.Images.Tests.Store;

/// <summary>Any bytes give a view that adds up, or one error.</summary>
public class HostileFlashTests
{
    private const int Rounds = 20_000;

    [Fact]
    public void Altered_bytes_of_a_valid_image_give_a_view_or_one_error()
    {
        byte[] good = SampleStore.Create().Bytes;
        var random = new Random(4);
        (int clean, int troubled, int refused) = (0, 0, 0);
        byte[] bytes = [.. good];
        for (int round = 0; round < Rounds; round++)
        {
            Mutate(bytes, good, random);
            Count(bytes, ref clean, ref troubled, ref refused);
            good.CopyTo(bytes, 0);
        }

        Assert.True(clean > 100 && troubled > 1_000 && refused > 5, $"{clean} clean, {troubled} with problems, {refused} refused");
    }

    // The CRCs are right and the contents are not: nothing but the decoders stands between the bytes and the view.
    [Fact]
    public void Random_contents_with_right_checksums_give_a_view()
    {
        var random = new Random(5);
        (int clean, int troubled, int refused) = (0, 0, 0);
        for (int round = 0; round < Rounds / 10; round++)
        {
            FlashWriter flash = SampleStore.Create();
            for (int i = 0; i < 8; i++)
            {
                byte[] content = new byte[random.Next(2) == 0 ? 56 : random.Next(180)];
                random.NextBytes(content);
                if (content.Length == 56 && random.Next(4) > 0)
                {
                    content[48] = (byte)random.Next(1, 6);
                    content.AsSpan(50, 2).Clear();
                    content.AsSpan(38, 2).Clear();
                    content.AsSpan(34, 2).Clear();
                }

                flash.Add((ushort)random.Next(14), (RecordType)random.Next(1, 7), content).Seal();
            }

            Count(flash.Bytes, ref clean, ref troubled, ref refused);
        }

        Assert.True(troubled > Rounds / 20 && refused == 0, $"{clean} clean, {troubled} with problems, {refused} refused");
    }

    private static void Mutate(byte[] bytes, byte[] good, Random random)
    {
        // Most of what matters stands in the first 1,500 bytes of blocks 0 and 1.
        int edits = random.Next(1, 5);
        for (int i = 0; i < edits; i++)
        {
            int at = (random.Next(8) == 0 ? 2 : random.Next(2)) * 4096 + (random.Next(3) == 0 ? random.Next(64) : random.Next(1500));
            switch (random.Next(4))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.AsSpan(at, random.Next(1, 256)).Fill((byte)(random.Next(2) * 0xFF)); break;
                default: good.AsSpan(random.Next(2) * 4096, 4096).CopyTo(bytes.AsSpan(random.Next(4) * 4096)); break;
            }
        }
    }

    private static void Count(byte[] bytes, ref int clean, ref int troubled, ref int refused)
    {
        StoreView view;
        try
        {
            view = StoreReaderTests.Read(bytes);
        }
        catch (FlashImageException e)
        {
            Assert.NotEqual(string.Empty, e.Remedy);
            refused++;
            return;
        }

        Assert.Equal(view.Image.Geometry.BlobBytes, view.Space.Segments.Sum(segment => segment.Bytes));
        Assert.InRange(view.Space.Largest, 0, view.Space.FreeBytes);
        Assert.InRange(view.Journal.Blocks.Count, 1, view.Image.Geometry.JournalBlocks);
        if (view.Problems.Count == 0)
        {
            clean++;
        }
        else
        {
            troubled++;
        }
    }
}
