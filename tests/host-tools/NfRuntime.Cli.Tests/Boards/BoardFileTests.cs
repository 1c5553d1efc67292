using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using NfRuntime.Cli.Boards;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Boards;

public class BoardFileTests
{
    internal const string Valid = """
        {
          "name": "b",
          "title": "A board",
          "status": "emulated",
          "cpu": "cortex-m4",
          "flash": [{ "name": "code", "origin": "0x08000000", "bytes": 65536, "executeInPlace": true, "use": "firmware" }],
          "ram": [{ "name": "sram", "bytes": 65536 }],
          "store": {
            "journal": { "origin": "0x08010000", "blockBytes": 4096, "blocks": 4, "unitBytes": 8, "rewrites": true, "mapped": true,
                         "program256Us": 700, "eraseBlockUs": 45000, "programStallUs": 701, "eraseStallUs": 400000 },
            "blobs": { "origin": "0x08014000", "blockBytes": 4096, "blocks": 16, "unitBytes": 8, "rewrites": false, "mapped": true,
                       "program256Us": 700, "eraseBlockUs": 45000, "programStallUs": 0, "eraseStallUs": 0 }
          },
          "capsules": { "arenaBytes": 9000, "stateBytes": 100, "sliceInstructions": 200000 },
          "kernels": ["armv7em", "portable"],
          "fence": "none"
        }
        """;

    [Fact]
    public void Every_property_arrives()
    {
        using var tool = new Tool();
        BoardFile board = BoardFileReader.Read(tool.Write("b/board.json", Valid));
        Assert.Equal(("b", "A board", BoardStatus.Emulated, "cortex-m4", "none"), (board.Name, board.Title, board.Status, board.Cpu.Name, board.Fence));
        Assert.Equal([new BoardMemory("code", 0x08000000, 65536)], board.Flash);
        Assert.Equal([new BoardMemory("sram", null, 65536)], board.Ram);
        Assert.Equal(new StoreRegion(0x08010000, 4096, 4, 8, true, true, 700, 45000, 701, 400000), board.Journal);
        Assert.Equal((65536, false, 0L), (board.Blobs.Bytes, board.Blobs.Rewrites, board.Blobs.EraseStallUs));
        Assert.Equal(new CapsuleRoom(9000, 100, 200000), board.Capsules);
        Assert.Equal(["armv7em", "portable"], board.Kernels);
    }

    [Theory]
    [InlineData("\"name\": \"b\"", "\"name\": \"c\"", "line 2: property \"name\" is \"c\"; expected \"b\"")]
    [InlineData("\"title\"", "\"titel\"", "line 1: the board has no \"title\"")]
    [InlineData("\"fence\": \"none\"", "\"fence\": \"none\", \"colour\": 1", "property \"colour\" is unknown")]
    [InlineData("\"fence\": \"none\"", "\"fence\": \"moat\"", "property \"fence\" is \"moat\"; expected one of none, process")]
    [InlineData("emulated", "untested", "property \"status\" is \"untested\"")]
    [InlineData("cortex-m4", "z80", "property \"cpu\" is \"z80\"")]
    [InlineData("\"blocks\": 4,", "\"blocks\": 1,", "property \"store.journal.blocks\" is 1; expected an integer from 2 to 32")]
    [InlineData("\"unitBytes\": 8, \"rewrites\": false", "\"unitBytes\": 24, \"rewrites\": false", "property \"store.blobs.unitBytes\" is 24; expected a power of two from 1 to 32")]
    [InlineData("\"unitBytes\": 8, \"rewrites\": false", "\"unitBytes\": 8", "\"store.blobs\" has no \"rewrites\"")]
    [InlineData("\"eraseStallUs\": 0", "\"eraseStallUs\": 0, \"x\": 1", "property \"store.blobs.x\" is unknown")]
    [InlineData("\"store\":", "\"shop\":", "property \"store\" is missing")]
    [InlineData("\"capsules\":", "\"capsule\":", "property \"capsules\" is missing")]
    [InlineData("0x08014000", "0x08013000", "property \"store\" and \"flash\" overlap: blobs begins at 0x8013000, journal ends at 0x8014000")]
    [InlineData("0x08014000", "0x08014800", "property \"store\" has blobs at 0x8014800, no multiple of its blocks of 4096 bytes")]
    [InlineData("0x08014000", "134217728", "property \"store.blobs.origin\" is \"134217728\"; expected an address")]
    [InlineData("\"bytes\": 65536, \"exec", "\"bytes\": 65537, \"exec", "overlap: journal begins at 0x8010000, code ends at 0x8010001")]
    [InlineData("\"kernels\": [", "\"kernels\": {", "line 15: ")]
    public void What_is_wrong_is_named_with_its_line(string from, string to, string expected)
    {
        using var tool = new Tool();
        Assert.Contains(from, Valid, StringComparison.Ordinal);
        string file = tool.Write("b/board.json", Valid.Replace(from, to, StringComparison.Ordinal));
        ToolException thrown = Assert.Throws<ToolException>(() => BoardFileReader.Read(file));
        Assert.Equal(ErrorCodes.BoardFile, thrown.Code);
        Assert.Contains(expected, thrown.Message, StringComparison.Ordinal);
        Assert.NotEqual(string.Empty, thrown.Remedy);
    }

    [Fact]
    public void The_boards_of_the_checkout_can_be_read_and_stand_in_the_reference()
    {
        var environment = new ToolEnvironment { Out = TextWriter.Null, Error = TextWriter.Null, Variable = name => name == Checkout.RootVariable ? Repository.Root : null };
        string[] names = [.. BoardFolder.Read([], environment).Select(board => board.Name)];
        string reference = File.ReadAllText(Path.Combine(Repository.Root, "boards", "README.md"));
        Assert.Equal(names.Order(StringComparer.Ordinal), Regex.Matches(reference, @"^\| \[([a-z0-9-]+)\]", RegexOptions.Multiline).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
        Assert.All(names, name => Assert.True(File.Exists(Path.Combine(Repository.Root, "boards", name, "README.md")), $"{name} has no README.md"));
        Assert.True(names.Length >= 5);
    }

    [Fact]
    public void The_reference_describes_every_property()
    {
        string reference = File.ReadAllText(Path.Combine(Repository.Root, "boards", "README.md"));
        string[] properties = [.. Regex.Matches(Valid, "\"(\\w+)\":").Select(match => match.Groups[1].Value).Distinct()];
        Assert.True(properties.Length >= 25);
        Assert.All(properties, property => Assert.True(Regex.IsMatch(reference, $@"`(store\.)?{property}[`.]"), $"{property} is not described"));
    }
}
