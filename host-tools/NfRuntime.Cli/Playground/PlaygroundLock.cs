using System.IO;
using NfRuntime.Cli.Errors;

namespace NfRuntime.Cli.Playground;

/// <summary>One of up and down at a time.</summary>
internal static class PlaygroundLock
{
    /// <exception cref="ToolException">Another process has it.</exception>
    public static FileStream Take(PlaygroundFolder folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder.Root, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new ToolException(ErrorCodes.PlaygroundFailed, "Another capsule up or down is at work.", "Wait for it.", e);
        }
    }
}
