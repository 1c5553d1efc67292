using System;
using System.Linq;
using System.Net;
using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NfRuntime.Fleet.Control;

namespace NfRuntime.Fleet.Api;

/// <summary>The HTTP API of a controller: API.md.</summary>
public sealed class FleetApi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping = new();

    /// <param name="options">Where, and the operator's token.</param>
    /// <param name="controller">Must outlive this.</param>
    /// <param name="log">Takes a sentence for the operator.</param>
    /// <param name="enrolment">Lets devices in and out; null: not by this API.</param>
    /// <exception cref="ArgumentException">The options allow what is not safe.</exception>
    public FleetApi(ApiOptions options, FleetController controller, Action<string> log, EnrolmentApi? enrolment = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(controller);
        options.Check();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, options));
        if (options.Certificate is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        Problems.Use(_app, log);
        BearerToken.Use(_app, options.Token);
        _app.UseRouting();
        Map(controller);
        enrolment?.Map(_app, controller);
    }

    /// <summary>Where it answers, once it has started.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <exception cref="System.IO.IOException">The address is taken.</exception>
    public Task StartAsync(CancellationToken token) => _app.StartAsync(token);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private static void Configure(KestrelServerOptions kestrel, ApiOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = Bodies.MaxBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.MaxConcurrentConnections = 1000;
        kestrel.Listen(new IPEndPoint(options.Address, options.Port), listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (options.Certificate is { } certificate)
            {
                listen.UseHttps(certificate);
            }
        });
    }

    private void Map(FleetController controller)
    {
        string version = typeof(FleetApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
        Get("/v1/health", ApiJson.Default.HealthView, _ => new HealthView("ok", version, controller.IsConnected));
        Get("/v1/devices", ApiJson.Default.IReadOnlyListDeviceView, _ => controller.Devices());
        Get("/v1/devices/{device}", ApiJson.Default.DeviceView, c => controller.Device(Route(c, "device")));
        Get("/v1/devices/{device}/why", ApiJson.Default.WhyView, c => controller.Why(Route(c, "device"), Query(c, "capsule")));
        Get("/v1/stats", ApiJson.Default.IReadOnlyListStatsView, c => controller.Stats(Query(c, "device")));
        Get("/v1/distributors", ApiJson.Default.IReadOnlyListDistributorView, _ => controller.Distributors());
        Get("/v1/deployments/{id}", ApiJson.Default.DeploymentView, c => controller.Deployment(Route(c, "id"))
            ?? throw new FleetException(8004, StatusCodes.Status404NotFound, $"there is no deployment {Clean.Text(Route(c, "id"))}"));
        Post("/v1/deployments", ApiJson.Default.DeploymentRequest, (_, request) => controller.Deploy(request));
        Post("/v1/capsules/{name}/confirm", ApiJson.Default.CapsuleRequest, (c, request) => controller.Confirm(Name(c), request));
        Post("/v1/capsules/{name}/rollback", ApiJson.Default.CapsuleRequest, (c, request) => controller.RollBack(Name(c), request));
        Post("/v1/capsules/{name}/remove", ApiJson.Default.CapsuleRequest, (c, request) => controller.Remove(Name(c), request));
        _app.MapGet("/v1/events", (RequestDelegate)(c => EventStream.WriteAsync(c, controller, Query(c, "after"), Query(c, "device"), Query(c, "follow"), _stopping.Token)));
        _app.MapPut("/v1/keys", (RequestDelegate)(async c =>
        {
            controller.PutKeys(await Bodies.ReadAsync(c, Images.Capsule.KeyListFile.MaxBytes).ConfigureAwait(false));
            c.Response.StatusCode = StatusCodes.Status204NoContent;
        }));
    }

    private void Get<T>(string pattern, JsonTypeInfo<T> shape, Func<HttpContext, T> answer) =>
        _app.MapGet(pattern, (RequestDelegate)(c => c.Response.WriteAsJsonAsync(answer(c), shape, cancellationToken: c.RequestAborted)));

    private void Post<T>(string pattern, JsonTypeInfo<T> shape, Func<HttpContext, T, DeploymentView> carry)
        where T : class => _app.MapPost(pattern, (RequestDelegate)(async c =>
    {
        DeploymentView view = carry(c, await Bodies.ReadAsync(c, shape).ConfigureAwait(false));
        c.Response.StatusCode = StatusCodes.Status202Accepted;
        await c.Response.WriteAsJsonAsync(view, ApiJson.Default.DeploymentView, cancellationToken: c.RequestAborted).ConfigureAwait(false);
    }));

    private static string Route(HttpContext context, string key) => (string)context.Request.RouteValues[key]!;

    // Kestrel leaves %2F in a path as it is, since it is no separator there.
    private static string Name(HttpContext context) => Route(context, "name").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static string? Query(HttpContext context, string key) => context.Request.Query[key] switch
    {
        [] => null,
        [{ } value] => value,
        _ => throw FleetException.Wrong($"{key} is given twice"),
    };
}
