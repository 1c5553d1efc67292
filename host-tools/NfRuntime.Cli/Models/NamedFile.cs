using System;
using System.IO;
using NfRuntime.Cli.Errors;

namespace NfRuntime.Cli.Models;

/// <summary>Files that a person names on the command line or in capsule.json.</summary>
internal static class NamedFile
{
    /// <summary>
    /// Refuses a file without content. A pipe or a device has none to the file system either: opening the one would wait for ever, reading
    /// the other would never end. What is not there is left to the caller, who knows what was meant.
    /// </summary>
    /// <exception cref="ToolException">Empty, a pipe or a device.</exception>
    public static void RequireContent(string path)
    {
        var file = new FileInfo(path);
        if (file.Exists && file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is { Exists: false })
        {
            throw new ToolException(ErrorCodes.FileAccess, $"{path} is a link to {file.LinkTarget}, which is not there.", "Check the path.");
        }

        if (file is { Exists: true, Length: 0 })
        {
            throw new ToolException(ErrorCodes.FileAccess, $"{path} is empty, or a pipe or device.", "Give a regular file with content; write a pipe's content to one first.");
        }
    }

    /// <summary>Refuses to put a file in the place of a device or a folder: files are written beside their place and moved there.</summary>
    /// <exception cref="ToolException">The place belongs to the system, or is a folder.</exception>
    public static void RequirePlace(string path)
    {
        string full = Path.GetFullPath(path);
        if (full.StartsWith("/dev/", StringComparison.Ordinal) || full.StartsWith("/proc/", StringComparison.Ordinal))
        {
            throw new ToolException(ErrorCodes.OptionValue, $"{path} is no place for a file.", "Name a file in a folder of yours.");
        }

        if (Directory.Exists(full))
        {
            throw new ToolException(ErrorCodes.OptionValue, $"{path} is a folder.", "Name a file in it.");
        }
    }
}
