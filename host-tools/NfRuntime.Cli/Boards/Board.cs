using System;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Model.Execution;

namespace NfRuntime.Cli.Boards;

/// <summary>A board that plans run on; disposing ends its process.</summary>
/// <param name="name">As typed after --on.</param>
/// <param name="target">The target that plans are compiled for when none is named.</param>
/// <param name="runner">What runs the jobs.</param>
internal sealed class Board(string name, string target, IPlanRunner runner) : IDisposable
{
    public string Name { get; } = name;

    public string Target { get; } = target;

    /// <summary>Runs a job; cancelling ends the process at once.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ToolException">The runner gave no result, or refused the plan.</exception>
    public async Task<RunResult> RunAsync(RunJob job, CancellationToken cancellation)
    {
        RunResult result = await TryRunAsync(job, cancellation).ConfigureAwait(false);
        return result.LoadError == 0 ? result : throw Refusal(result.LoadError, job.Plan.Span);
    }

    private ToolException Refusal(int error, ReadOnlySpan<byte> plan)
    {
        string message = $"{Name} refused the plan: {EngineErrors.Describe(error)}";
        return error == EngineErrors.Unsupported && LayoutRefusal.Describe(plan) is { } layouts
            ? new ToolException(ErrorCodes.BoardFailed, $"{message}; its weights have {layouts}.", LayoutRefusal.Remedy)
            : new ToolException(ErrorCodes.BoardFailed, $"{message}.", "Report this with the model: a plan of this tool is never refused.");
    }

    /// <summary>Runs a job; a plan that is refused is a result.</summary>
    public async Task<RunResult> TryRunAsync(RunJob job, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using CancellationTokenRegistration stop = cancellation.Register(Dispose);
        try
        {
            return await Task.Run(() => runner.Run(job), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (RunnerException e)
        {
            throw new ToolException(ErrorCodes.BoardFailed, $"{Name}: {e.Message}.", "Run again; --verbose shows what the runner wrote.", e);
        }
    }

    public void Dispose() => (runner as IDisposable)?.Dispose();
}
