using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Net;
using NfRuntime.Cli.Errors;
using NfRuntime.Fleet.Broker;
using NfRuntime.Mosquitto;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>Options of a service that runs against a broker of its owner's instead of the playground's.</summary>
internal sealed class OwnBrokerOptions
{
    private const int TlsPort = 8883;
    private readonly Option<string?> _broker = new("--broker") { Description = "A broker of yours, with TLS. Default: the playground's.", HelpName = "HOST[:PORT]" };
    private readonly Option<string?> _ca = new("--ca") { Description = "The CA that signed the broker's certificate (PEM).", HelpName = "FILE" };
    private readonly Option<string?> _certificate = new("--cert") { Description = "This service's certificate for the broker (PEM).", HelpName = "FILE" };
    private readonly Option<string?> _key = new("--key") { Description = "Its private key (PEM).", HelpName = "FILE" };
    private readonly Option<string?> _tenant = new("--tenant") { Description = "Whose devices: topics begin with nfr/NAME/.", HelpName = "NAME" };

    public void AddTo(Command command)
    {
        command.Add(_broker);
        command.Add(_ca);
        command.Add(_certificate);
        command.Add(_key);
        command.Add(_tenant);
    }

    /// <summary>Whether a broker is named.</summary>
    public bool IsGiven(CommandContext context) => context.Value(_broker) is not null;

    /// <exception cref="ToolException">No tenant, or not the name of one.</exception>
    public string Tenant(CommandContext context) => context.Value(_tenant) is { } tenant && BrokerIdentity.IsName(tenant)
        ? tenant
        : throw new ToolException(ErrorCodes.OptionValue, "--broker needs --tenant.", "1 … 32 of a-z, 0-9 and -.");

    /// <summary>The connection, always with TLS.</summary>
    /// <param name="context">The command line.</param>
    /// <param name="clientId">Unless the broker makes one of the certificate's name.</param>
    /// <exception cref="ToolException">A file is missing, or the address is none.</exception>
    public MosquittoOptions Connection(CommandContext context, string clientId)
    {
        (string host, int port) = HostAndPort(context.Value(_broker)!);
        return new MosquittoOptions
        {
            Host = host,
            Port = port,
            ClientId = clientId,
            Tls = new MosquittoTls(Existing(context, _ca), Existing(context, _certificate), Existing(context, _key)),
        };
    }

    /// <summary>The file that an option names.</summary>
    /// <exception cref="ToolException">It is not named, or not there.</exception>
    public static string Existing(CommandContext context, Option<string?> option)
    {
        string file = context.Value(option) ?? throw new ToolException(ErrorCodes.OptionValue, $"With --broker {option.Name} is needed.", "A broker of yours is spoken to over TLS with certificates.");
        return File.Exists(file) ? Path.GetFullPath(file) : throw new ToolException(ErrorCodes.FileAccess, $"There is no {file}.", $"Check {option.Name}.");
    }

    private static (string Host, int Port) HostAndPort(string text)
    {
        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? text : text[..colon];
        int port = TlsPort;
        bool isGood = host.Length > 0 && !host.Contains('/', StringComparison.Ordinal)
            && (colon < 0 || (int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= IPEndPoint.MaxPort));
        return isGood ? (host, port) : throw new ToolException(ErrorCodes.OptionValue, $"--broker: \"{text}\" is no HOST or HOST:PORT.", "For instance --broker broker.example:8883.");
    }
}
