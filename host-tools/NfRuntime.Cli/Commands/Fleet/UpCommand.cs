using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Boards;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Keys;
using NfRuntime.Cli.Output;
using NfRuntime.Cli.Playground;
using NfRuntime.Cli.Registry;
using NfRuntime.Images.Registry;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule up: a fleet on this machine.</summary>
internal sealed class UpCommand : ToolCommand
{
    private const int MaxDevices = 1000;
    private const int MaxDistributors = 8;
    private readonly Option<int> _devices = new("--devices") { Description = "How many virtual devices.", DefaultValueFactory = _ => 3, HelpName = "N" };
    private readonly Option<int> _distributors = new("--distributors") { Description = "How many distributors share the blobs.", DefaultValueFactory = _ => 1, HelpName = "N" };
    private readonly Option<string> _board = new("--board") { Description = "The board whose flash and memory they have.", DefaultValueFactory = _ => "virtual", HelpName = "NAME" };
    private readonly Option<string[]> _inputs = new("--input") { Description = "Raw samples that stand in for sensors, files or folders. Default: none.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true };
    private readonly Option<double> _rate = new("--rate") { Description = "Samples a second and device.", DefaultValueFactory = _ => 2, HelpName = "R" };
    private readonly Option<string?> _registry = new("--pull-from") { Description = "A repository that devices fetch blobs from, by HTTP Range; what it has not got comes as blocks.", HelpName = "HOST[:PORT]/NAME" };
    private readonly RegistryOptionSet _registryOptions = new();
    private readonly Option<bool> _json = JsonOption();

    public UpCommand(ToolEnvironment environment)
        : base(
            environment,
            "up",
            "Starts a playground on this machine: a broker with TLS and ACLs, a controller, a distributor, and virtual devices.",
            "capsule up",
            "capsule up --devices 5 --input samples/fashion/images",
            "capsule up --pull-from localhost:5000/fashion")
    {
        Add(_devices);
        Add(_distributors);
        Add(_board);
        Add(_inputs);
        Add(_rate);
        Add(_registry);
        _registryOptions.AddTo(this);
        Add(_json);
    }

    protected override async Task<int> RunAsync(CommandContext context)
    {
        PlaygroundPlan plan = Plan(context);
        var folder = new PlaygroundFolder(new ToolHome(context.Environment));
        folder.Create();
        using FileStream held = PlaygroundLock.Take(folder);
        IReadOnlyList<ChildProcess> running = folder.ReadProcesses();
        if (running.Count > 0 && running.All(process => process.IsAlive) && folder.ReadSettings() is { } settings)
        {
            if (settings.Devices != plan.Devices || settings.Board != plan.Board || settings.Registry != plan.Registry)
            {
                string registry = settings.Registry is { } its ? $", with the registry {its.Repository}" : settings.Registry != plan.Registry ? ", without a registry" : string.Empty;
                throw new ToolException(ErrorCodes.PlaygroundFailed, $"A playground is up with {Figures.Plural(settings.Devices, "device")} of {settings.Board}{registry}.", "capsule down ends it; then capsule up again.");
            }

            context.Console.Line(" The playground is up already.");
        }
        else
        {
            await new PlaygroundStopper(folder).RunAsync(context.Cancellation).ConfigureAwait(false);
            await MakeKeysAsync(context, folder).ConfigureAwait(false);
            await new PlaygroundStarter(context, folder, plan).RunAsync().ConfigureAwait(false);
        }

        string url = FleetContext.Find(null, null, context.Environment).Url.ToString();
        context.Console.Json(new UpResult(url, [.. PlaygroundStarter.DeviceNames(plan.Devices)], folder.Root), FleetResults.Default.UpResult);
        context.Console.Line(" next: capsule devices · capsule deploy IMAGE --all · capsule logs -f · capsule down");
        return ExitCode.Success;
    }

    private PlaygroundPlan Plan(CommandContext context)
    {
        if (context.Value(_devices) is < 1 or > MaxDevices)
        {
            throw new ToolException(ErrorCodes.OptionValue, $"--devices: {context.Value(_devices)} is no number of devices.", $"1 … {MaxDevices}.");
        }

        if (context.Value(_distributors) is < 1 or > MaxDistributors)
        {
            throw new ToolException(ErrorCodes.OptionValue, $"--distributors: {context.Value(_distributors)} is no number of distributors.", $"1 … {MaxDistributors}.");
        }

        string[] inputs = [.. context.Value(_inputs).Select(Path.GetFullPath)];
        foreach (string missing in inputs.Where(input => !File.Exists(input) && !Directory.Exists(input)))
        {
            throw new ToolException(ErrorCodes.FileAccess, $"There is no {missing}.", "Check --input.");
        }

        string board = BoardFolder.PathOf(context.Value(_board), context.Environment);
        RegistryOptions options = _registryOptions.Read(context);
        PlaygroundRegistry? registry = context.Value(_registry) is { } repository ? PlaygroundRegistry.Parse(repository, options) : null;
        return new PlaygroundPlan(context.Value(_devices), context.Value(_distributors), board, inputs, context.Value(_rate), registry);
    }

    // Devices trust a root key and its list: without one nothing could be deployed.
    private static async Task MakeKeysAsync(CommandContext context, PlaygroundFolder folder)
    {
        var keys = new KeyStore(folder.Home.Keys, context.Environment);
        if (File.Exists(keys.KeyListPath))
        {
            keys.LoadList();
            return;
        }

        int exit = await CapsuleTool.RunAsync(["keygen"], context.Environment, context.Cancellation).ConfigureAwait(false);
        if (exit != ExitCode.Success)
        {
            throw new ToolException(ErrorCodes.KeyMissing, "There is no key list, and keys could not be made.", "capsule keygen says why.");
        }
    }
}
