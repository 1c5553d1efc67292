using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Boards;

/// <summary>The board files of the checkout.</summary>
internal static class BoardFolder
{
    /// <summary>The boards called <paramref name="names"/>, by folder or by the path of a board.json; without names all, by name.</summary>
    /// <exception cref="ToolException">There is no checkout, no such board, or a file is wrong.</exception>
    public static IReadOnlyList<BoardFile> Read(IReadOnlyList<string> names, ToolEnvironment environment)
    {
        string[] known = Files(environment);
        IEnumerable<string> files = names.Count == 0 ? known : names.Select(name => Find(name, known));
        BoardFile[] boards = [.. files.Select(BoardFileReader.Read)];
        return boards.Length > 0 ? boards : throw new ToolException(
            ErrorCodes.ToolMissing, "There are no board files: the tool does not lie in a checkout.", $"Name the checkout in ${Checkout.RootVariable}, or a file: --board DIR/board.json.");
    }

    /// <summary>The board.json of a board, checked.</summary>
    /// <exception cref="ToolException">There is no such board, or its file is wrong.</exception>
    public static string PathOf(string name, ToolEnvironment environment)
    {
        string file = Path.GetFullPath(Find(name, Files(environment)));
        BoardFileReader.Read(file);
        return file;
    }

    private static string Find(string name, string[] known)
    {
        if (name.EndsWith(BoardFileReader.FileName, StringComparison.Ordinal) && File.Exists(name))
        {
            return name;
        }

        return known.FirstOrDefault(file => Path.GetFileName(Path.GetDirectoryName(file)) == name) ?? throw new ToolException(
            ErrorCodes.BoardUnknown, $"There is no board \"{name}\".", $"Known boards: {string.Join(", ", known.Select(file => Path.GetFileName(Path.GetDirectoryName(file))))}; or the path of a {BoardFileReader.FileName}.");
    }

    private static string[] Files(ToolEnvironment environment)
    {
        string? boards = Checkout.Find(environment) is { } root ? Path.Combine(root, "boards") : null;
        return boards is null || !Directory.Exists(boards)
            ? []
            : [.. Directory.GetDirectories(boards).Select(folder => Path.Combine(folder, BoardFileReader.FileName)).Where(File.Exists).Order(StringComparer.Ordinal)];
    }
}
