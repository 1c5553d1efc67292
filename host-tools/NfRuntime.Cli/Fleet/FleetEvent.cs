using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;

namespace NfRuntime.Cli.Fleet;

/// <summary>A Server-Sent Event.</summary>
/// <param name="Id">Its number; 0 without one.</param>
/// <param name="Name">state, log, progress, deployment, online.</param>
/// <param name="Data">JSON.</param>
internal sealed record FleetEvent(long Id, string Name, string Data)
{
    private const int MaxData = 4 << 20;

    /// <summary>Reads a stream of events (WHATWG HTML §9.2) to its end; what is longer than 4 MiB is left out.</summary>
    public static async IAsyncEnumerable<FleetEvent> ReadAsync(TextReader reader, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        long id = 0;
        string name = "message";
        var data = new StringBuilder();
        while (await reader.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
        {
            if (line.Length == 0)
            {
                if (data.Length is > 0 and <= MaxData)
                {
                    yield return new FleetEvent(id, name, data.ToString());
                }

                name = "message";
                data.Clear();
                continue;
            }

            int colon = line.IndexOf(':', System.StringComparison.Ordinal);
            string field = colon < 0 ? line : line[..colon];
            string value = colon < 0 ? string.Empty : line[(colon + 1)..];
            value = value.StartsWith(' ') ? value[1..] : value;
            switch (field)
            {
                case "event": name = value; break;
                case "id": id = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : id; break;
                case "data" when data.Length <= MaxData: data.Append(data.Length > 0 ? "\n" : string.Empty).Append(value); break;
                default: break; // comments, which keep the connection alive, and what is not ours
            }
        }
    }
}
