using System;
using System.Net;

namespace NfRuntime.Images.Registry;

/// <summary>Where a registry is: scheme, host and port, and which other places it may name.</summary>
internal sealed class RegistryEndpoint
{
    private readonly RegistryOptions _options;

    public RegistryEndpoint(string host, RegistryOptions options)
    {
        Host = host;
        _options = options;
        IsLoopback = IsLoopbackName(host.Split(':')[0]);
        string scheme = IsLoopback ? options.LoopbackTls ? "https" : "http" : options.PlainHttp ? "http" : "https";
        Root = new Uri($"{scheme}://{host}/v2/");
    }

    /// <summary>As written: host and perhaps a port.</summary>
    public string Host { get; }

    /// <summary><c>…/v2/</c>.</summary>
    public Uri Root { get; }

    /// <summary>Whether the name is of this machine; that it resolves to it is checked when connecting.</summary>
    public bool IsLoopback { get; }

    /// <summary>Whether a login may travel to <paramref name="uri"/>: TLS, or inside this machine.</summary>
    public bool IsSafeForLogins(Uri uri) => uri.Scheme == Uri.UriSchemeHttps || (IsLoopback && IsLoopbackName(uri.Host));

    /// <summary>Scheme, host and port are the registry's.</summary>
    public bool IsHome(Uri uri) => uri.Scheme == Root.Scheme && IsHome(uri.IdnHost, uri.Port);

    public bool IsHome(string host, int port) => port == Root.Port && string.Equals(host, Root.IdnHost, StringComparison.OrdinalIgnoreCase);

    /// <summary>The place that an answer of <paramref name="from"/> names, checked; its address is checked when connecting.</summary>
    /// <param name="from">Who named it.</param>
    /// <param name="place">Absolute, or relative to <paramref name="from"/>.</param>
    /// <param name="what">For the message: "redirects", "sends for a token".</param>
    /// <exception cref="RegistryException">A place where no answer may lead.</exception>
    public Uri Follow(Uri from, Uri? place, string what)
    {
        if (place is null || !Uri.TryCreate(from, place, out Uri? to) || (to.Scheme != Uri.UriSchemeHttps && to.Scheme != Uri.UriSchemeHttp) || to.UserInfo.Length > 0)
        {
            throw Untrusted($"{Host} {what} to no http or https address");
        }

        bool plainIsGranted = from.Scheme == Uri.UriSchemeHttp && (_options.PlainHttp || IsLoopbackName(to.Host));
        return to.Scheme == Uri.UriSchemeHttps || plainIsGranted
            ? to
            : throw Untrusted($"{Host} {what} to {to.Authority} without TLS");
    }

    /// <summary>An upload's place: it gets the login and the content, so it must be the registry itself.</summary>
    /// <exception cref="RegistryException">It is elsewhere.</exception>
    public Uri FollowHome(Uri? place)
    {
        Uri to = Follow(Root, place, "sends uploads");
        return IsHome(to) ? to : throw Untrusted($"{Host} sends uploads to {to.GetLeftPart(UriPartial.Authority)}; only {Root.GetLeftPart(UriPartial.Authority)} gets them");
    }

    private static bool IsLoopbackName(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private static RegistryException Untrusted(string message) =>
        new(RegistryError.Untrusted, message, "Ask the registry's operator; nothing was sent there.");
}
