namespace NfRuntime.Model.Execution;

/// <summary>Something that runs plans: a process on the host, an emulated or real board.</summary>
public interface IPlanRunner
{
    /// <summary>Runs a job to its end.</summary>
    /// <exception cref="RunnerException">The runner cannot be started, died, did not answer in time, or answered nonsense.</exception>
    RunResult Run(RunJob job);
}
