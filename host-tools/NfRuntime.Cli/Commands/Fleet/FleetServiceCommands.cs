using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Keys;
using NfRuntime.Cli.Playground;
using NfRuntime.Fleet;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Broker;
using NfRuntime.Fleet.Control;
using NfRuntime.Fleet.Distribution;
using NfRuntime.Images.Signing;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule fleet controller: the playground's controller, or one on a broker of its owner's, in this process.</summary>
internal sealed class FleetControllerCommand : ToolCommand
{
    private readonly OwnBrokerOptions _own = new();
    private readonly Option<string> _data = new("--data") { Description = "With --broker: folder of the database (controller.db) and of deltas, which distributors must be able to read.", DefaultValueFactory = _ => "fleet", HelpName = "DIR" };
    private readonly Option<string> _listen = new("--listen") { Description = "With --broker: where the HTTP API answers. Beyond loopback only with --api-cert and --api-key.", DefaultValueFactory = _ => "127.0.0.1:8321", HelpName = "ADDRESS:PORT" };
    private readonly Option<string?> _apiCertificate = new("--api-cert") { Description = "The API's certificate (PEM): TLS.", HelpName = "FILE" };
    private readonly Option<string?> _apiKey = new("--api-key") { Description = "Its private key (PEM).", HelpName = "FILE" };
    private readonly Option<string?> _rootKey = new("--root-key") { Description = "The root's public key, which key lists are checked with. Default: this user's.", HelpName = "FILE" };

    public FleetControllerCommand(ToolEnvironment environment)
        : base(
            environment,
            "controller",
            $"Runs a controller until it is ended: the playground's, or with --broker one on a broker of yours, with an operator's token in ${FleetContext.TokenVariable}.",
            "capsule fleet controller",
            "capsule fleet controller --broker broker.example --ca ca.pem --cert controller.pem --key controller.key --tenant acme")
    {
        _own.AddTo(this);
        Add(_data);
        Add(_listen);
        Add(_apiCertificate);
        Add(_apiKey);
        Add(_rootKey);
    }

    protected override async Task<int> RunAsync(CommandContext context)
    {
        var folder = new PlaygroundFolder(new ToolHome(context.Environment));
        if (!_own.IsGiven(context))
        {
            await new PlaygroundServices(folder, context.Console).RunControllerAsync(context.Cancellation).ConfigureAwait(false);
            return ExitCode.Success;
        }

        string tenant = _own.Tenant(context), data = Path.GetFullPath(context.Value(_data));
        ApiOptions api = Api(context);
        Directory.CreateDirectory(data);
        await FleetHost.RunControllerAsync(
            new ControllerHostOptions
            {
                Controller = new ControllerOptions { Tenant = tenant, DeltaFolder = Path.Combine(data, "deltas"), RootKey = RootKey(context) },
                Database = Path.Combine(data, "controller.db"),
                ImageStore = folder.Home.Images,
                Broker = _own.Connection(context, BrokerIdentity.Controller(tenant, "controller").UserName),
                Api = api,
                Ready = address => PlaygroundServices.Log(context.Console, $"the API answers at {address}"),
                Log = sentence => PlaygroundServices.Log(context.Console, sentence),
            },
            context.Cancellation).ConfigureAwait(false);
        return ExitCode.Success;
    }

    private ApiOptions Api(CommandContext context)
    {
        const int leastToken = 16;
        string token = context.Environment.Variable(FleetContext.TokenVariable) ?? "";
        if (token.Length < leastToken)
        {
            throw new ToolException(ErrorCodes.FleetToken, $"${FleetContext.TokenVariable} is not set, or has less than {leastToken} characters.", $"export {FleetContext.TokenVariable}=$(openssl rand -hex 24)");
        }

        if (!IPEndPoint.TryParse(context.Value(_listen), out IPEndPoint? listen))
        {
            throw new ToolException(ErrorCodes.OptionValue, $"--listen: \"{context.Value(_listen)}\" is no ADDRESS:PORT.", "For instance --listen 127.0.0.1:8321.");
        }

        bool isTls = context.Value(_apiCertificate) is not null || context.Value(_apiKey) is not null;
        if (!isTls && !IPAddress.IsLoopback(listen.Address))
        {
            throw new ToolException(ErrorCodes.OptionValue, $"--listen: {listen.Address} is no loopback address, and the API would have no TLS.", "Give --api-cert and --api-key, or listen on 127.0.0.1.");
        }

        X509Certificate2? certificate = isTls ? X509Certificate2.CreateFromPemFile(OwnBrokerOptions.Existing(context, _apiCertificate), OwnBrokerOptions.Existing(context, _apiKey)) : null;
        return new ApiOptions { Address = listen.Address, Port = listen.Port, Token = token, Certificate = certificate };
    }

    // Without one key lists are refused, and the rest works: they may be published in some other way.
    private Images.Signing.PublicKey? RootKey(CommandContext context)
    {
        string file = context.Value(_rootKey) is null ? new KeyStore(new ToolHome(context.Environment).Keys, context.Environment).RootPublicPath : OwnBrokerOptions.Existing(context, _rootKey);
        return File.Exists(file) ? KeyFiles.LoadPublic(file) : null;
    }
}

/// <summary>capsule fleet distributor: a distributor of the playground, or one on a broker of its owner's, in this process.</summary>
internal sealed class FleetDistributorCommand : ToolCommand
{
    private readonly OwnBrokerOptions _own = new();
    private readonly Option<string> _name = new("--name") { Description = "Another one for each distributor of a tenant; of the playground's, which one.", DefaultValueFactory = _ => PlaygroundServices.DistributorNames(1)[0], HelpName = "NAME" };
    private readonly Option<string[]> _layouts = new("--layout") { Description = "With --broker: folders with blobs, OCI layouts. Default: this user's image store, and fleet/deltas.", HelpName = "DIR", AllowMultipleArgumentsPerToken = true };

    public FleetDistributorCommand(ToolEnvironment environment)
        : base(
            environment,
            "distributor",
            "Runs a distributor until it is ended: one of the playground, or with --broker one on a broker of yours.",
            "capsule fleet distributor --name distributor-1",
            "capsule fleet distributor --broker broker.example --ca ca.pem --cert d1.pem --key d1.key --tenant acme --name d1")
    {
        Add(_name);
        _own.AddTo(this);
        Add(_layouts);
    }

    protected override async Task<int> RunAsync(CommandContext context)
    {
        var folder = new PlaygroundFolder(new ToolHome(context.Environment));
        string name = context.Value(_name);
        if (!_own.IsGiven(context))
        {
            await new PlaygroundServices(folder, context.Console).RunDistributorAsync(name, context.Cancellation).ConfigureAwait(false);
            return ExitCode.Success;
        }

        string tenant = _own.Tenant(context);
        BrokerIdentity identity = BrokerIdentity.IsName(name)
            ? BrokerIdentity.Distributor(tenant, name)
            : throw new ToolException(ErrorCodes.OptionValue, $"--name: \"{name}\" is no name of a distributor.", "1 … 32 of a-z, 0-9 and -.");
        IReadOnlyList<string> layouts = context.Value(_layouts) is { Length: > 0 } given ? given : [folder.Home.Images, Path.Combine("fleet", "deltas")];
        await FleetHost.RunDistributorAsync(
            new DistributorHostOptions
            {
                Distributor = new DistributorOptions { Tenant = tenant, Name = name },
                Broker = _own.Connection(context, identity.UserName),
                Layouts = layouts,
                Log = sentence => PlaygroundServices.Log(context.Console, sentence),
            },
            context.Cancellation).ConfigureAwait(false);
        return ExitCode.Success;
    }
}
