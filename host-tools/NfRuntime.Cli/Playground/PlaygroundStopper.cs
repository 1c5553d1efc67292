using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace NfRuntime.Cli.Playground;

/// <summary>Ends what <see cref="PlaygroundStarter"/> started, the last one first, and nothing else.</summary>
internal sealed class PlaygroundStopper(PlaygroundFolder folder)
{
    /// <returns>Names of those that ran.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellation)
    {
        var ended = new List<string>();
        foreach (ChildProcess process in folder.ReadProcesses().Reverse())
        {
            if (await process.StopAsync(cancellation).ConfigureAwait(false))
            {
                ended.Add(process.Name);
            }
        }

        if (Directory.Exists(folder.Root))
        {
            folder.WriteProcesses([]);
            File.Delete(folder.Context);
            File.Delete(folder.Tokens);
        }

        return ended;
    }
}
