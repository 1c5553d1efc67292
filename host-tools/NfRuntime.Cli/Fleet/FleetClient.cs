using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;

namespace NfRuntime.Cli.Fleet;

/// <summary>
/// The controller's HTTP API (host-tools/NfRuntime.Fleet/API.md). Every method throws <see cref="ToolException"/>: the controller does
/// not answer, answers something else than it should, or says no, with its own code and remedy.
/// </summary>
internal sealed class FleetClient : IDisposable
{
    private const int MaxAnswer = 64 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly HttpClient _http;
    private readonly FleetContext _context;

    public FleetClient(FleetContext context)
    {
        _context = context;
        _http = new HttpClient(FleetTls.Handler(context.Ca), disposeHandler: true)
        {
            BaseAddress = context.Url,
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswer,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", context.Token);
    }

    public Uri Url => _context.Url;

    public Task<FleetHealth> HealthAsync(CancellationToken cancellation) => GetAsync("/v1/health", FleetShapes.Default.FleetHealth, cancellation);

    public Task<FleetDevice[]> DevicesAsync(CancellationToken cancellation) => GetAsync("/v1/devices", FleetShapes.Default.FleetDeviceArray, cancellation);

    public Task<FleetStats[]> StatsAsync(CancellationToken cancellation) => GetAsync("/v1/stats", FleetShapes.Default.FleetStatsArray, cancellation);

    public Task<FleetWhy> WhyAsync(string device, string? capsule, CancellationToken cancellation) => GetAsync(
        $"/v1/devices/{Uri.EscapeDataString(device)}/why" + (capsule is null ? string.Empty : $"?capsule={Uri.EscapeDataString(capsule)}"),
        FleetShapes.Default.FleetWhy,
        cancellation);

    public Task<FleetDeployment> DeployAsync(DeploymentRequest request, CancellationToken cancellation) => SendAsync(
        HttpMethod.Post, "/v1/deployments", JsonContent(request, FleetShapes.Default.DeploymentRequest), FleetShapes.Default.FleetDeployment, cancellation);

    public Task<FleetDeployment> DeploymentAsync(string id, CancellationToken cancellation) =>
        GetAsync($"/v1/deployments/{Uri.EscapeDataString(id)}", FleetShapes.Default.FleetDeployment, cancellation);

    /// <param name="action">confirm, rollback, remove.</param>
    /// <param name="name">Of the capsule.</param>
    /// <param name="to">Devices; null: all.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    public Task<FleetDeployment> ChangeAsync(string action, string name, IReadOnlyList<string>? to, CancellationToken cancellation) => SendAsync(
        HttpMethod.Post,
        $"/v1/capsules/{Uri.EscapeDataString(name)}/{action}",
        JsonContent(new CapsuleRequest(to, to is null ? true : null), FleetShapes.Default.CapsuleRequest),
        FleetShapes.Default.FleetDeployment,
        cancellation);

    public Task<FleetClaim> ClaimAsync(string? device, int minutes, CancellationToken cancellation) => SendAsync(
        HttpMethod.Post, "/v1/claims", JsonContent(new ClaimRequest(device, minutes), FleetShapes.Default.ClaimRequest), FleetShapes.Default.FleetClaim, cancellation);

    public Task<FleetIdentity> EnrolAsync(EnrolRequest request, CancellationToken cancellation) => SendAsync(
        HttpMethod.Post, "/v1/enrol", JsonContent(request, FleetShapes.Default.EnrolRequest), FleetShapes.Default.FleetIdentity, cancellation);

    public Task<FleetIdentity> RotateAsync(string device, string csr, CancellationToken cancellation) => SendAsync(
        HttpMethod.Post,
        $"/v1/devices/{Uri.EscapeDataString(device)}/rotate",
        JsonContent(new RotateRequest(csr), FleetShapes.Default.RotateRequest),
        FleetShapes.Default.FleetIdentity,
        cancellation);

    public Task RevokeAsync(string device, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, $"/v1/devices/{Uri.EscapeDataString(device)}/revoke", null, cancellation);

    public Task RetireAsync(string device, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Delete, $"/v1/devices/{Uri.EscapeDataString(device)}", null, cancellation);

    public Task PutKeysAsync(byte[] list, CancellationToken cancellation)
    {
        var content = new ByteArrayContent(list);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return SendAsync(HttpMethod.Put, "/v1/keys", content, cancellation);
    }

    /// <summary>Events after a number, of one device or all; with <paramref name="follow"/> until the caller stops.</summary>
    public async IAsyncEnumerable<FleetEvent> EventsAsync(
        long after, string? device, bool follow, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        string path = $"/v1/events?after={after}{(device is null ? string.Empty : $"&device={Uri.EscapeDataString(device)}")}{(follow ? "&follow=true" : string.Empty)}";
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/event-stream");
        using HttpResponseMessage response = await AnswerAsync(request, cancellation).ConfigureAwait(false);
        Stream stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        IAsyncEnumerator<FleetEvent> events = FleetEvent.ReadAsync(reader, cancellation).GetAsyncEnumerator(cancellation);
        await using (events.ConfigureAwait(false))
        {
            while (await GuardAsync(() => events.MoveNextAsync().AsTask(), cancellation).ConfigureAwait(false))
            {
                yield return events.Current;
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private static ByteArrayContent JsonContent<T>(T value, JsonTypeInfo<T> shape)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(value, shape));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private Task<T> GetAsync<T>(string path, JsonTypeInfo<T> shape, CancellationToken cancellation) => SendAsync(HttpMethod.Get, path, null, shape, cancellation);

    private async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? content, JsonTypeInfo<T> shape, CancellationToken cancellation)
    {
        byte[] body = await SendAsync(method, path, content, cancellation).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(body, shape) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw WrongAnswer($"{method} {path} was answered with something else than the API has", e);
        }
    }

    private async Task<byte[]> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(Patience);
        return await GuardAsync(
            async () =>
            {
                using HttpResponseMessage response = await AnswerAsync(request, limited.Token).ConfigureAwait(false);
                await response.Content.LoadIntoBufferAsync(MaxAnswer, limited.Token).ConfigureAwait(false);
                return await response.Content.ReadAsByteArrayAsync(limited.Token).ConfigureAwait(false);
            },
            cancellation).ConfigureAwait(false);
    }

    // The head of a successful answer.
    private Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellation) => GuardAsync(
        async () =>
        {
            HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw await RefusalAsync(response, cancellation).ConfigureAwait(false);
            }
        },
        cancellation);

    private async Task<T> GuardAsync<T>(Func<Task<T>> action, CancellationToken cancellation)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new ToolException(ErrorCodes.FleetAbsent, $"The controller at {Url} did not answer within {Patience.TotalSeconds:0} s.", "Look into its log; for a playground $NFR_HOME/playground/controller.log.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            string why = (e.InnerException ?? e).Message.TrimEnd('.');
            throw new ToolException(ErrorCodes.FleetAbsent, $"The controller at {Url} does not answer: {why}.", "capsule up starts the playground; for another fleet check --fleet and --fleet-ca.", e);
        }
    }

    private async Task<ToolException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        FleetProblem? problem = null;
        try
        {
            await response.Content.LoadIntoBufferAsync(1 << 20, cancellation).ConfigureAwait(false);
            problem = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false), FleetShapes.Default.FleetProblem);
        }
        catch (JsonException)
        {
            // Whatever it is, it is no problem document: the status has to do.
        }

        ErrorCode code = ErrorCodes.All.FirstOrDefault(known => known.Name == problem?.Code) ?? CodeOf(response.StatusCode);
        string sentence = (problem?.Detail ?? problem?.Title ?? $"The controller at {Url} answered {(int)response.StatusCode} {response.ReasonPhrase}").TrimEnd('.') + ".";
        return new ToolException(code, sentence, problem?.Remedy ?? RemedyOf(code));
    }

    private static ErrorCode CodeOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => ErrorCodes.FleetToken,
        HttpStatusCode.NotFound => ErrorCodes.DeviceUnknown,
        HttpStatusCode.Conflict => ErrorCodes.FleetConflict,
        HttpStatusCode.BadRequest => ErrorCodes.FleetRequest,
        _ => ErrorCodes.FleetAnswer,
    };

    private static string RemedyOf(ErrorCode code) =>
        code == ErrorCodes.FleetToken ? $"Set ${FleetContext.TokenVariable} to an operator's token; capsule up renews the playground's."
        : code == ErrorCodes.DeviceUnknown ? "capsule devices lists the devices."
        : code == ErrorCodes.FleetConflict ? "capsule ps shows what the devices have."
        : code == ErrorCodes.ClaimRefused ? "capsule device enroll makes a new claim."
        : code == ErrorCodes.KeyListRefused ? "Sign a newer list: capsule keygen."
        : "Tool and controller should be of one version; --verbose shows more.";

    private ToolException WrongAnswer(string sentence, Exception inner) =>
        new(ErrorCodes.FleetAnswer, $"{sentence}, by {Url}.", "Is it a controller of this version? Check --fleet.", inner);
}
