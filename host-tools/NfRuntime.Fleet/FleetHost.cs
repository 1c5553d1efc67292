using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Broker;
using NfRuntime.Fleet.Control;
using NfRuntime.Fleet.Data;
using NfRuntime.Fleet.Distribution;
using NfRuntime.Fleet.Enrolment;
using NfRuntime.Fleet.Mqtt;
using NfRuntime.Images.Oci;
using NfRuntime.Mosquitto;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace NfRuntime.Fleet;

/// <summary>A controller as a process.</summary>
public sealed record ControllerHostOptions
{
    public required ControllerOptions Controller { get; init; }

    /// <summary>The SQLite file.</summary>
    public required string Database { get; init; }

    /// <summary>Folder of the image store whose images can be deployed.</summary>
    public required string ImageStore { get; init; }

    public required MosquittoOptions Broker { get; init; }

    public required ApiOptions Api { get; init; }

    /// <summary>The broker's folder, for enrolment; the caller disposes of it. Null: devices are let in some other way.</summary>
    public BrokerFolder? BrokerFolder { get; init; }

    /// <summary>What devices are told as the broker's address; null: where the controller connects to.</summary>
    public string? BrokerAddress { get; init; }

    /// <summary>Told the API's address, once it answers.</summary>
    public Action<Uri>? Ready { get; init; }

    /// <summary>Takes sentences for the operator, from any thread.</summary>
    public Action<string> Log { get; init; } = _ => { };
}

/// <summary>A distributor as a process.</summary>
public sealed record DistributorHostOptions
{
    public required DistributorOptions Distributor { get; init; }

    public required MosquittoOptions Broker { get; init; }

    /// <summary>OCI layouts (an image store, the controller's folder of deltas) whose blobs are served, in the order of looking.</summary>
    public required IReadOnlyList<string> Layouts { get; init; }

    /// <summary>Asked when no layout has a blob, for instance a <see cref="RegistrySource"/>; the caller disposes of it. Null: none.</summary>
    public IBlobSource? Behind { get; init; }

    /// <summary>Takes sentences for the operator, from any thread.</summary>
    public Action<string> Log { get; init; } = _ => { };
}

/// <summary>Runs controllers and distributors until they are told to stop.</summary>
public static class FleetHost
{
    private const int ControllerQueue = 4096;
    private const int DistributorQueue = 64;
    private const int ControllerRestMs = 10;

    /// <summary>Runs a controller with its API. Ends when <paramref name="token"/> is cancelled.</summary>
    /// <exception cref="FleetDatabaseException">The database cannot be used.</exception>
    /// <exception cref="System.IO.IOException">The API's address is taken.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static async Task RunControllerAsync(ControllerHostOptions options, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var database = new FleetDatabase(options.Database);
        using var mqtt = new MosquittoFleetMqtt(options.Broker, ControllerQueue, options.Log);
        using var controller = new FleetController(options.Controller, database, mqtt, new ImageStore(options.ImageStore), Now, Random.Shared.NextDouble, options.Log);
        using MeterProvider? meters = Export();
        using EnrolmentApi? enrolment = await EnrolmentAsync(options, token).ConfigureAwait(false);
        var api = new FleetApi(options.Api, controller, options.Log, enrolment);
        await using (api.ConfigureAwait(false))
        {
            await api.StartAsync(token).ConfigureAwait(false);
            options.Ready?.Invoke(api.Address);
            await LoopAsync(mqtt, controller.Step, ControllerRestMs, token).ConfigureAwait(false);
            controller.Stop();
        }
    }

    /// <summary>Runs a distributor. Ends when <paramref name="token"/> is cancelled.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static async Task RunDistributorAsync(DistributorHostOptions options, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var mqtt = new MosquittoFleetMqtt(options.Broker, DistributorQueue, options.Log);
        using var meters = new DistributorMeters();
        using MeterProvider? exported = Export();
        IEnumerable<IBlobSource> layouts = options.Layouts.Select(root => new LayoutBlobSource(root));
        var source = new BlobSources([.. layouts, .. options.Behind is { } behind ? [behind] : Array.Empty<IBlobSource>()]);
        using var distributor = new BlobDistributor(options.Distributor, mqtt, source, meters, Random.Shared.NextDouble, Now(), options.Log);
        await LoopAsync(mqtt, () => distributor.Step(Now()), 0, token).ConfigureAwait(false);
        distributor.Stop();
    }

    private static async Task<EnrolmentApi?> EnrolmentAsync(ControllerHostOptions options, CancellationToken token)
    {
        if (options.BrokerFolder is not { } folder)
        {
            return null;
        }

        var authority = new EnrolmentAuthority(new SqliteEnrolmentStore(options.Database), folder, TimeProvider.System);
        await authority.SynchronizeAsync(token).ConfigureAwait(false);
        return new EnrolmentApi(authority, options.Controller.Tenant, options.BrokerAddress ?? $"{options.Broker.Host}:{options.Broker.Port}");
    }

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    // A step at once when something arrives, else when the core asked for one; with a rest between, so that what comes together is one step.
    private static async Task LoopAsync(MosquittoFleetMqtt mqtt, Func<long> step, int restMs, CancellationToken token)
    {
        using var arrived = new SemaphoreSlim(0, 1);
        mqtt.Arrived += Wake;
        try
        {
            while (!token.IsCancellationRequested)
            {
                long wait = step();
                await arrived.WaitAsync((int)Math.Clamp(wait, 0, 1000), token).ConfigureAwait(false);
                if (restMs > 0)
                {
                    await Task.Delay(restMs, token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // This is how it ends.
        }
        finally
        {
            mqtt.Arrived -= Wake;
        }

        void Wake()
        {
            try
            {
                arrived.Release();
            }
            catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
            {
                // It is awake already, or gone.
            }
        }
    }

    private static MeterProvider? Export() => Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 }
        ? Sdk.CreateMeterProviderBuilder().AddMeter(DistributorMeters.MeterName, ControllerMeters.MeterName).AddOtlpExporter().Build()
        : null;
}
