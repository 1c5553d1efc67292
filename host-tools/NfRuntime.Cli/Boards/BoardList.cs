using System.IO;
using System.Linq;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Model.Execution;

namespace NfRuntime.Cli.Boards;

/// <summary>Boards that plans can run on from here.</summary>
internal static class BoardList
{
    public const string Host = "host";
    private const string RunnerVariable = RunnerLocator.Variable;

    private static readonly EmulatedBoard[] Emulated =
    [
        new(QemuRunner.CortexM4Board, "mps2-an386", "cortex-m4", "NFR_RUNNER_M4", "m4"),
    ];

    public static string Names => string.Join(", ", Emulated.Select(board => board.Name).Prepend(Host));

    /// <summary>The board called <paramref name="name"/>, ready to run.</summary>
    /// <exception cref="ToolException">There is none, or a program that it needs is missing.</exception>
    public static Board Open(string name, ToolEnvironment environment)
    {
        if (name == Host)
        {
            return new Board(Host, Host, new RunnerClient(FindHostRunner(environment)));
        }

        EmulatedBoard board = Emulated.FirstOrDefault(board => board.Name == name)
            ?? throw new ToolException(ErrorCodes.BoardUnknown, $"There is no board \"{name}\".", $"Known boards: {Names}.");
        return new Board(board.Name, board.Cpu, new QemuRunner(FindFirmware(board, environment), ["-M", board.Machine, "-cpu", board.Cpu]));
    }

    private static string FindHostRunner(ToolEnvironment environment) =>
        Checkout.FindFile(environment, RunnerVariable, "artifacts", "firmware", "host", "nfr-runner")
        ?? throw Missing("nfr-runner, the engine on this machine,", "host", RunnerVariable, string.Empty);

    private static string FindFirmware(EmulatedBoard board, ToolEnvironment environment) =>
        Checkout.FindFile(environment, board.Variable, "artifacts", "firmware", board.Folder, "nfr-runner.elf")
        ?? throw Missing($"nfr-runner.elf for {board.Name}", board.Folder, board.Variable, " --toolchain cmake/arm-none-eabi.cmake");

    private static ToolException Missing(string what, string folder, string variable, string options)
    {
        string path = Path.Combine("artifacts", "firmware", folder);
        return new ToolException(
            ErrorCodes.ToolMissing,
            $"{what} was not found.",
            $"Build it: cmake -S firmware -B {path}{options} && cmake --build {path}; or name the file in ${variable}.");
    }

    private sealed record EmulatedBoard(string Name, string Machine, string Cpu, string Variable, string Folder);
}
