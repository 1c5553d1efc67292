using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;
using NfRuntime.Cli.Output;
using NfRuntime.Images.Registry;
using Spectre.Console;

namespace NfRuntime.Cli.Registry;

/// <summary>Shows a push or pull blob by blob: bars on a terminal while it lasts, and a line for each blob when it is through.</summary>
internal static class TransferDisplay
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Runs <paramref name="work"/> and prints its result.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="moved">"pushed" or "fetched".</param>
    /// <param name="work">Reports on each blob.</param>
    public static async Task<TransferResult> RunAsync(ToolConsole console, string moved, Func<IProgress<BlobTransfer>, Task<TransferResult>> work)
    {
        var latest = new Latest(console.IsInteractive ? null : transfer => console.Step(Word(transfer.State, moved), Text(transfer)));
        Task<TransferResult> running = Task.Run(() => work(latest));
        if (console.IsInteractive && await Task.WhenAny(running, Task.Delay(Patience)).ConfigureAwait(false) != running)
        {
            await ShowBarsAsync(latest, running).ConfigureAwait(false);
        }

        TransferResult result = await running.ConfigureAwait(false);
        foreach (BlobTransfer transfer in console.IsInteractive ? result.Blobs : [])
        {
            console.Step(Word(transfer.State, moved), Text(transfer));
        }

        return result;
    }

    /// <summary>"46.1 KB: 8.1 KB pushed, 38.0 KB there already".</summary>
    public static string Summary(TransferResult result, string moved)
    {
        IEnumerable<string> parts = ((TransferState[])[TransferState.Moved, TransferState.Mounted, TransferState.Present])
            .Where(state => state == TransferState.Moved || result.BytesOf(state) > 0)
            .Select(state => $"{Figures.Size(result.BytesOf(state))} {(state == TransferState.Present ? "there already" : Word(state, moved))}");
        return $"{Figures.Size(result.Blobs.Sum(blob => blob.Blob.Size))}: {string.Join(", ", parts)}";
    }

    /// <summary>The state as --json has it.</summary>
    public static string Word(TransferState state, string moved) => state switch
    {
        TransferState.Present => "present",
        TransferState.Mounted => "mounted",
        _ => moved,
    };

    private static string Text(BlobTransfer transfer) => $"{transfer.Title,-28} {Figures.Size(transfer.Blob.Size),12}   sha256:{transfer.Blob.Digest.Short}";

    // Apart, so that Spectre is loaded only when there is a bar to draw.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task ShowBarsAsync(Latest latest, Task running) =>
        AnsiConsole.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn())
            .StartAsync(async context =>
            {
                var bars = new Dictionary<string, ProgressTask>();
                while (!running.IsCompleted)
                {
                    foreach (BlobTransfer transfer in latest.All)
                    {
                        string key = transfer.Blob.Digest.Hex;
                        if (!bars.TryGetValue(key, out ProgressTask? bar))
                        {
                            bars.Add(key, bar = context.AddTask(Markup.Escape(Printable.Line(transfer.Title)), maxValue: Math.Max(transfer.Blob.Size, 1)));
                        }

                        bar.Value = transfer.Blob.Size == 0 ? 1 : transfer.Bytes;
                    }

                    await Task.WhenAny(running, Task.Delay(100)).ConfigureAwait(false);
                }
            });

    private sealed class Latest(Action<BlobTransfer>? ended) : IProgress<BlobTransfer>
    {
        private readonly ConcurrentDictionary<string, BlobTransfer> _latest = new();

        public IEnumerable<BlobTransfer> All => _latest.Values;

        public void Report(BlobTransfer value)
        {
            _latest[value.Blob.Digest.Hex] = value;
            if (value.State != TransferState.Running)
            {
                ended?.Invoke(value);
            }
        }
    }
}
