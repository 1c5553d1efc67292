using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Boards;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;
using NfRuntime.Images.Capsule;
using NfRuntime.Model.Import;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule board check: which capsules fit which boards.</summary>
internal sealed class BoardCheckCommand : ToolCommand
{
    private const int DefaultVectors = 8;

    private readonly Option<string[]> _boards = new("--board") { Description = "A board of the checkout, or the path of a board.json; repeatable. Default: all.", HelpName = "NAME" };
    private readonly Option<string[]> _models = new("--model")
    {
        Description = "A .tflite file or an image; repeatable. Default: the models in ../shared/models beside the checkout.",
        HelpName = "FILE",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int> _vectors = new("--vectors") { Description = "Golden vectors of a model that is no image yet, 1 to 64.", HelpName = "N", DefaultValueFactory = _ => DefaultVectors };
    private readonly Option<bool> _json = JsonOption();

    public BoardCheckCommand(ToolEnvironment environment)
        : base(
            environment,
            "check",
            "Says whether a capsule's confirmed, candidate and previous version fit a board together, and by how much a board is too small. Exit code 1: something does not fit.",
            "capsule board check --board esp32 --model samples/fashion/v2/fashion_v2.tflite",
            "capsule board check --model fashion:2 --json")
    {
        Add(_boards);
        Add(_models);
        Add(_vectors);
        Add(_json);
    }

    protected override async Task<int> RunAsync(CommandContext context)
    {
        int vectors = context.Value(_vectors);
        if (vectors is < 1 or > VectorsFile.MaxCases)
        {
            throw new ToolException(ErrorCodes.OptionValue, $"--vectors is {vectors}; a capsule has 1 to {VectorsFile.MaxCases}.", "8 is what capsule build takes by default.");
        }

        IReadOnlyList<BoardFile> boards = BoardFolder.Read(context.Value(_boards) ?? [], context.Environment);
        bool isNamed = context.Value(_models) is { Length: > 0 };
        string[] models = isNamed ? context.Value(_models) : SharedModels(context.Environment);
        using var sizer = new CapsuleSizer(context, vectors);
        SortedSet<string> leftOut = [];
        List<(BoardFile Board, IReadOnlyList<BoardFit> Fits)> results = [];
        foreach (BoardFile board in boards)
        {
            results.Add((board, await CheckAsync(board, models, sizer, isNamed ? null : leftOut).ConfigureAwait(false)));
        }

        bool fits = results.All(result => result.Fits.All(fit => fit.Fits));
        context.Console.Json(
            new BoardCheckShape(vectors, fits, [.. results.Select(result => BoardCheckText.ToShape(result.Board, result.Fits))], [.. leftOut]), Shapes.Default.BoardCheckShape);
        Write(context.Console, results, leftOut, vectors, sizer.KnowsSlices);
        return fits ? ExitCode.Success : ExitCode.Failed;
    }

    // What was not named by a person is left out when it cannot be imported, with the reason.
    private static async Task<IReadOnlyList<BoardFit>> CheckAsync(BoardFile board, string[] models, CapsuleSizer sizer, SortedSet<string>? leftOut)
    {
        List<BoardFit> fits = [];
        foreach (string model in models)
        {
            try
            {
                fits.Add(BoardFit.Of(board, await sizer.SizeAsync(model, board).ConfigureAwait(false)));
            }
            catch (ModelImportException e) when (leftOut is not null)
            {
                leftOut.Add($"{Path.GetFileName(model)}: {(e.Problems.Count > 0 ? e.Problems[0].ToString() : e.Message)}");
            }
        }

        return fits;
    }

    private static string[] SharedModels(ToolEnvironment environment)
    {
        string? folder = Checkout.Find(environment) is { } root ? Path.Combine(root, "..", "shared", "models") : null;
        string[] models = folder is not null && Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.tflite").Order(StringComparer.Ordinal)] : [];
        return models.Length > 0 ? models : throw new ToolException(
            ErrorCodes.NothingToTest, "There are no models to check: ../shared/models is missing.", "Name some: --model FILE, such as samples/fashion/v2/fashion_v2.tflite.");
    }

    private static void Write(ToolConsole console, List<(BoardFile Board, IReadOnlyList<BoardFit> Fits)> results, SortedSet<string> leftOut, int vectors, bool knowsSlices)
    {
        foreach ((BoardFile board, IReadOnlyList<BoardFit> fits) in results)
        {
            BoardCheckText.Write(console, board, fits);
            console.Line();
        }

        foreach (string sentence in results.SelectMany(result => result.Fits.Where(fit => !fit.Fits).Select(fit => BoardCheckText.Sentence(result.Board, fit))))
        {
            console.Labelled("too small", sentence);
        }

        foreach (string reason in leftOut)
        {
            console.Labelled("left out", reason);
        }

        console.Labelled("reckoned", $"three versions that share nothing, each with a manifest of {Figures.Bytes(CapsuleSizes.ManifestBytes)}, its plan and {Figures.Plural(vectors, "golden vector")} (images: as they are); one key list; the state of two"
            + (knowsSlices ? "; slices as the engine estimates them" : "; slices not, for nfr-runner is not built"));
        int pairs = results.Sum(result => result.Fits.Count);
        console.Line($"{results.Sum(result => result.Fits.Count(fit => fit.Fits))} of {pairs} fit");
    }
}
