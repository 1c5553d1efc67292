using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace NfRuntime.Images.Registry;

/// <summary>One exchange with a registry: what is asked, what the answer becomes, and what may happen on the way.</summary>
/// <typeparam name="T">What the answer becomes.</typeparam>
/// <param name="What">For messages: the thing's name.</param>
/// <param name="Make">A new request; called once an attempt, for it may depend on what the one before got.</param>
/// <param name="Read">Takes the answer; a broken connection or a passing error in it makes another attempt.</param>
internal sealed record Exchange<T>(string What, Func<HttpRequestMessage> Make, Func<HttpResponseMessage, CancellationToken, Task<T>> Read)
{
    /// <summary>Bytes of the longer body, for the time that it may take.</summary>
    public long Bytes { get; init; }

    /// <summary>Whether redirects are followed.</summary>
    public bool FollowsRedirects { get; init; }

    /// <summary>Whether it may be made again.</summary>
    public bool MayRepeat { get; init; } = true;
}

/// <summary>Sends requests to a registry: authorized, in bounded time, again after a failure that passes. Safe for concurrent use.</summary>
internal sealed class RegistryHttp : IDisposable
{
    private const int MaxRedirects = 3;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private readonly RegistryOptions _options;
    private readonly HttpClient _client;
    private readonly Authorizer _authorizer;

    public RegistryHttp(string host, RegistryOptions options)
    {
        _options = options;
        Endpoint = new RegistryEndpoint(host, options);
        _client = new HttpClient(new RegistryConnector(Endpoint, options).CreateHandler(), disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("nf-runtime");
        _authorizer = new Authorizer(Endpoint, options, _client);
    }

    public RegistryEndpoint Endpoint { get; }

    public RegistryOptions Options => _options;

    public void Dispose() => _client.Dispose();

    /// <exception cref="RegistryException">No answer, or one that cannot be taken.</exception>
    public async Task<T> SendAsync<T>(Exchange<T> exchange, CancellationToken cancellation)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return await AttemptAsync(exchange, cancellation).ConfigureAwait(false);
            }
            catch (RegistryException e) when (e.IsPassing && exchange.MayRepeat && attempt < _options.Retries)
            {
                await WaitAsync(attempt, e.RetryAfter, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits before another attempt: 0.25, 0.5, 1, 2 s, or as long as the registry asks, up to half a minute.</summary>
    public Task WaitAsync(int attempt, TimeSpan? asked, CancellationToken cancellation)
    {
        TimeSpan own = FirstWait * Math.Pow(2, Math.Min(attempt, 16));
        TimeSpan wait = asked > own ? asked.Value : own;
        return _options.Delay(wait < LongestWait ? wait : LongestWait, cancellation);
    }

    private async Task<T> AttemptAsync<T>(Exchange<T> exchange, CancellationToken cancellation)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(_options.AnswerTimeout + TimeSpan.FromSeconds((double)exchange.Bytes / _options.LeastBytesPerSecond));
        try
        {
            using HttpResponseMessage response = await SendOnceAsync(exchange, limited.Token).ConfigureAwait(false);
            return await exchange.Read(response, limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new RegistryException(RegistryError.Unreachable, $"{exchange.What}: {Endpoint.Host} does not answer in time", "Check the network, and the registry's state.", e);
        }
        catch (HttpRequestException e)
        {
            throw Explain(exchange.What, e);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new RegistryException(RegistryError.Unreachable, $"{exchange.What}: the connection to {Endpoint.Host} broke off", "Try again; what is there already is not sent again.", e) { IsPassing = true };
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync<T>(Exchange<T> exchange, CancellationToken cancellation)
    {
        HttpResponseMessage response = await SendHomeAsync(exchange.Make, exchange.What, cancellation).ConfigureAwait(false);
        for (int redirects = 0; exchange.FollowsRedirects && IsRedirect(response.StatusCode); redirects++)
        {
            using HttpResponseMessage former = response;
            if (redirects == MaxRedirects)
            {
                throw new RegistryException(RegistryError.Untrusted, $"{exchange.What}: {Endpoint.Host} redirects more than {MaxRedirects} times");
            }

            Uri from = former.RequestMessage!.RequestUri!;
            Uri to = Endpoint.Follow(from, former.Headers.Location, "redirects");
            response = Endpoint.IsHome(to)
                ? await SendHomeAsync(() => Redirected(exchange.Make(), to), exchange.What, cancellation).ConfigureAwait(false)
                : await SendPlainAsync(Redirected(exchange.Make(), to), cancellation).ConfigureAwait(false);
        }

        return response;
    }

    // The only way on which a request carries the login or a token.
    private async Task<HttpResponseMessage> SendHomeAsync(Func<HttpRequestMessage> make, string what, CancellationToken cancellation)
    {
        HttpResponseMessage response = await SendPlainAsync(Authorized(make()), cancellation).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            using (response)
            {
                await _authorizer.AnswerAsync(response, cancellation).ConfigureAwait(false);
            }

            response = await SendPlainAsync(Authorized(make()), cancellation).ConfigureAwait(false);
        }

        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            response.Dispose();
            throw _authorizer.Denied(what);
        }

        return response;
    }

    private HttpRequestMessage Authorized(HttpRequestMessage request)
    {
        request.Headers.Authorization = _authorizer.Current;
        return request;
    }

    private async Task<HttpResponseMessage> SendPlainAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using (request)
        {
            HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            return response;
        }
    }

    private static HttpRequestMessage Redirected(HttpRequestMessage request, Uri to)
    {
        request.RequestUri = to;
        return request;
    }

    private static bool IsRedirect(HttpStatusCode status) => status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found
        or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private RegistryException Explain(string what, HttpRequestException e)
    {
        for (Exception? inner = e.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is RegistryException own)
            {
                return own;
            }
        }

        return e.HttpRequestError switch
        {
            HttpRequestError.SecureConnectionError => new(RegistryError.Insecure, $"{Endpoint.Host}: TLS failed: {(e.InnerException ?? e).Message}",
                "Give the registry a certificate that this machine trusts ($SSL_CERT_FILE names further authorities); a registry without TLS needs --plain-http.", e),
            HttpRequestError.NameResolutionError => new(RegistryError.Unreachable, $"{Endpoint.Host}: there is no such name", "Check the name.", e),
            HttpRequestError.ConnectionError => new(RegistryError.Unreachable, $"{Endpoint.Host} cannot be reached: {(e.InnerException ?? e).Message}", "Check host and port, and whether the registry runs.", e),
            _ => new(RegistryError.Unreachable, $"{what}: {Endpoint.Host} broke off: {e.Message}", "Try again; what is there already is not sent again.", e) { IsPassing = true },
        };
    }
}
