using System.Collections.Generic;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Output;

/// <summary>Lines on a terminal that are drawn again in their place. Elsewhere it must not be used: see <see cref="ToolConsole.IsInteractive"/>.</summary>
internal sealed class LiveLines(ToolEnvironment environment, ToolConsole console)
{
    private int _drawn;

    /// <summary>Replaces what was drawn. Lines are cut to the terminal's width, since one that wraps could not be taken back.</summary>
    public void Draw(IReadOnlyList<string> lines)
    {
        if (_drawn > 0)
        {
            environment.Out.Write($"\u001b[{_drawn}A\u001b[J");
        }

        foreach (string line in lines)
        {
            console.Line(console.Width is { } width && line.Length > width ? line[..(width - 1)] + "…" : line);
        }

        _drawn = lines.Count;
    }
}
