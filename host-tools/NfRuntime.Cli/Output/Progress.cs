using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Hosting;
using Spectre.Console;

namespace NfRuntime.Cli.Output;

/// <summary>Shows how far long work is: a bar on a terminal, a line every ten seconds elsewhere, nothing for the first second.</summary>
internal static class Progress
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(10);

    /// <summary>Runs <paramref name="work"/>, which reports how many of <paramref name="total"/> items are done.</summary>
    public static async Task<T> RunAsync<T>(ToolEnvironment environment, ToolConsole console, string what, int total, Func<IProgress<int>, Task<T>> work)
    {
        var counter = new Counter(total, console.IsJson || console.IsInteractive ? null : line => environment.Error.WriteLine($" {what,-9} {line}"));
        Task<T> running = Task.Run(() => work(counter));
        if (console.IsInteractive && await Task.WhenAny(running, Task.Delay(Patience)).ConfigureAwait(false) != running)
        {
            await ShowBarAsync(what, counter, running).ConfigureAwait(false);
        }

        return await running.ConfigureAwait(false);
    }

    // Apart, so that Spectre is loaded only when there is a bar to draw.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task ShowBarAsync(string what, Counter counter, Task running) =>
        AnsiConsole.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask bar = context.AddTask(what, maxValue: Math.Max(counter.Total, 1));
                while (!running.IsCompleted)
                {
                    bar.Value = counter.Done;
                    await Task.WhenAny(running, Task.Delay(100)).ConfigureAwait(false);
                }
            });

    private sealed class Counter(int total, Action<string>? line) : IProgress<int>
    {
        private readonly Stopwatch _sinceLine = Stopwatch.StartNew();
        private int _done;

        public int Total { get; } = total;

        public int Done => Volatile.Read(ref _done);

        public void Report(int value)
        {
            Volatile.Write(ref _done, value);
            if (line is not null && _sinceLine.Elapsed > LineEvery)
            {
                _sinceLine.Restart();
                line($"{value} of {Total}");
            }
        }
    }
}
