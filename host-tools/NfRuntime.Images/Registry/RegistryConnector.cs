using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace NfRuntime.Images.Registry;

/// <summary>
/// Opens connections. The addresses that a name resolves to are checked here, where they are used, so that a name cannot change its
/// meaning between the check and the connection.
/// </summary>
internal sealed class RegistryConnector(RegistryEndpoint endpoint, RegistryOptions options)
{
    private volatile int _homeReach = (int)Reach.Public;

    /// <summary>No proxy, no cookies, no redirects, no decompression, and no reading on of bodies that were given up.</summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        MaxResponseDrainSize = 0,
        ConnectTimeout = options.ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        ConnectCallback = ConnectAsync,
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        string host = context.DnsEndPoint.Host;
        int port = context.DnsEndPoint.Port;
        bool isHome = endpoint.IsHome(host, port);
        IPAddress[] all = IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? literal) ? [literal] : await options.Resolve(host, cancellation).ConfigureAwait(false);
        IPAddress[] allowed = [.. all.Where(address => isHome ? IsAllowedHome(address) : options.ReachOf(address) <= (Reach)_homeReach)];
        if (allowed.Length == 0)
        {
            throw Refused(isHome, host, all);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, cancellation).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        if (isHome && socket.RemoteEndPoint is IPEndPoint remote)
        {
            _homeReach = (int)options.ReachOf(remote.Address);
        }

        return new NetworkStream(socket, ownsSocket: true);
    }

    // What its name promised, plain HTTP that stays on this machine, must be true of the address.
    private bool IsAllowedHome(IPAddress address) => !endpoint.IsLoopback || options.ReachOf(address) == Reach.Local;

    private RegistryException Refused(bool isHome, string host, IPAddress[] addresses) => addresses.Length == 0
        ? new RegistryException(RegistryError.Unreachable, $"{host} has no address", "Check the name.")
        : isHome
            ? new RegistryException(RegistryError.Insecure, $"{host} is not this machine: it resolves to {addresses[0]}", "Check the machine's hosts file.")
            : new RegistryException(RegistryError.Untrusted, $"{endpoint.Host} leads to {host} ({addresses[0]}), an address inside this machine or network", "Ask the registry's operator; nothing was sent there.");
}
