using System.Linq;
using NfRuntime.Cli.Boards;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Boards;

/// <summary>The arithmetic of boards/README.md, reckoned by hand.</summary>
public class BoardFitTests
{
    // 1,024 + 9,984 (9,970 rounded up to 32) + 2,016 (2,001) = 13,024 bytes: four blocks of 4 KB.
    private static readonly CapsuleSizes Sample = new("m", [1024, 9970, 2001], 9000, 50, null);

    [Fact]
    public void Small_blocks_belong_to_one_version_each() => Assert.Equal(
        [("flash", (3 * 16384) + 8192, 65536), ("journal", 64 + (9 * 64) + 128 + 192, 5664), ("arena", 9000, 9000), ("state", 100, 100)],
        Demands(Board(), Sample));

    [Fact]
    public void Large_blocks_are_shared_and_one_more_is_needed() =>
        Assert.Equal(("flash", 2 * 65536, 16 * 65536), Demands(Board() with { Blobs = Board().Blobs with { BlockBytes = 65536 } }, Sample)[0]);

    [Fact]
    public void Units_round_blobs_and_records_up()
    {
        BoardFile board = Board();
        board = board with { Journal = board.Journal with { UnitBytes = 32 } };
        Assert.Equal(64 + (9 * 64) + 128 + 192, Demands(board, Sample)[1].Needed); // 64, 64, 128 and 188 are up to 64, 64, 128 and 192
        board = board with { Journal = board.Journal with { UnitBytes = 8, BlockBytes = 1024, Blocks = 2 } };
        Assert.Equal(("journal", 960, 528), Demands(board, Sample)[1]);
    }

    [Fact]
    public void What_is_missing_is_said_in_one_sentence()
    {
        BoardFit fit = BoardFit.Of(Board(), Sample with { Blobs = [1024, 20_000, 2001], ArenaBytes = 9001, SliceInstructions = 250_000 });
        Assert.False(fit.Fits);
        Assert.Equal(
            "b is too small for m: it needs 81,920 B of flash, 16,384 B more than the 65,536 B there are, and 9,001 B of arena, 1 B more than the 9,000 B there are, "
            + "and slices of some 250,000 instructions, 50,000 more than the board's 200,000.",
            BoardCheckText.Sentence(Board(), fit));
        Assert.True(BoardFit.Of(Board(), Sample).Fits);
        Assert.True(BoardFit.Of(Board(), Sample with { SliceInstructions = 0 }).Fits);
    }

    private static (string What, long Needed, long There)[] Demands(BoardFile board, CapsuleSizes sizes) =>
        [.. BoardFit.Of(board, sizes).Demands.Select(demand => (demand.What, demand.Needed, demand.There))];

    private static BoardFile Board()
    {
        using var tool = new Tool();
        return BoardFileReader.Read(tool.Write("b/board.json", BoardFileTests.Valid));
    }
}
