using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Broker;
using NfRuntime.Fleet.Control;
using NfRuntime.Fleet.Distribution;
using NfRuntime.Fleet.Mqtt;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Fleet.Tests.Broker;
using NfRuntime.Fleet.Tests.Enrolment;
using NfRuntime.Fleet.Tests.Memory;
using NfRuntime.Images;
using NfRuntime.Images.Oci;
using NfRuntime.Mosquitto;
using Xunit;

namespace NfRuntime.Fleet.Tests.Hosting;

/// <summary>Controller and distributor as they run: a real broker with TLS and access rules, HTTP, threads.</summary>
public sealed class FleetHostTests(SecuredBroker broker) : IClassFixture<SecuredBroker>, IDisposable
{
    private const string Token = "a-token-for-tests-only";
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _log = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ADeploymentReachesADeviceAndItsBlobComes()
    {
        byte[] plan = SampleImages.Plan(1, 300_000);
        SampleImages.Add(new ImageStore(At("images")), "fashion", "1", plan);
        MosquittoTls[] tls = await broker.Admit(BrokerIdentity.Device("t", "a"), BrokerIdentity.Controller("t", "c"), BrokerIdentity.Distributor("t", "x"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var address = new TaskCompletionSource<Uri>();
        Task controller = FleetHost.RunControllerAsync(Controller(tls[1], address.SetResult), stop.Token);
        Task distributor = FleetHost.RunDistributorAsync(Distributor(tls[2]), stop.Token);
        using var http = new HttpClient { BaseAddress = await address.Task.WaitAsync(Cancelled) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        await UntilAsync(http, "/v1/distributors", a => a.GetArrayLength() == 1);

        using var mqtt = new MosquittoFleetMqtt(Options(tls[0], "a"), 64, Log);
        var device = new FakeDevice(mqtt, "a");
        Task running = RunAsync(device, plan, stop.Token);
        await UntilAsync(http, "/v1/devices", a => a.GetArrayLength() == 1 && a[0].TryGetProperty("target", out _) && a[0].GetProperty("online").GetBoolean());

        using var deploy = new StringContent("""{ "image": "fashion:1", "all": true }""", Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await http.PostAsync("/v1/deployments", deploy, Cancelled);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        string id = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(Cancelled)).RootElement.GetProperty("id").GetString()!;
        await UntilAsync(http, "/v1/deployments/" + id, d => d.GetProperty("devices")[0].GetProperty("state").GetString() == "trial");
        await running;
        JsonElement served = await UntilAsync(http, "/v1/distributors", a => a[0].GetProperty("publishedBytes").GetInt64() >= plan.Length);
        Assert.InRange(served[0].GetProperty("publishedBytes").GetInt64(), plan.Length, plan.Length * 13 / 10);

        await stop.CancelAsync();
        await Task.WhenAll(controller, distributor);
        Assert.DoesNotContain(_log, line => line.Contains("does not let", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AfterTheBrokerWasKilledEverythingIsThereAgain()
    {
        SampleImages.Add(new ImageStore(At("images")), "fashion", "1", SampleImages.Plan(1));
        using var folder = BrokerFolder.OpenOrCreate(At("broker"), new BrokerSettings { Port = FreePort() });
        MosquittoTls[] tls = Array.ConvertAll([BrokerIdentity.Device("t", "k"), BrokerIdentity.Controller("t", "c"), BrokerIdentity.Distributor("t", "x")], folder.IssueFiles);
        using BrokerProcess first = await BrokerProcess.StartAsync(folder, Cancelled);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var address = new TaskCompletionSource<Uri>();
        Task controller = FleetHost.RunControllerAsync(Controller(tls[1], address.SetResult, first.Port), stop.Token);
        Task distributor = FleetHost.RunDistributorAsync(Distributor(tls[2], first.Port), stop.Token);
        using var http = new HttpClient { BaseAddress = await address.Task.WaitAsync(Cancelled) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        using var mqtt = new MosquittoFleetMqtt(Options(tls[0], "k", first.Port), 64, Log);
        var device = new FakeDevice(mqtt, "k");
        await StepUntilAsync(http, device, "/v1/devices", a => a.GetArrayLength() == 1 && a[0].TryGetProperty("target", out _));
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(http, "/v1/deployments", """{ "image": "fashion:1", "all": true }""")).Status);
        await StepUntilAsync(http, device, "/v1/devices", a => a[0].GetProperty("observedGeneration").GetInt32() == 1);
        int acted = device.Acted.Count;

        first.Kill();
        await UntilAsync(http, "/v1/health", h => !h.GetProperty("broker").GetBoolean());
        File.Delete(Path.Combine(folder.FullPath, "mosquitto.db")); // what an autosave may have saved of retained messages
        using BrokerProcess second = await BrokerProcess.StartAsync(folder, Cancelled);

        await StepUntilAsync(http, device, "/v1/health", h => h.GetProperty("broker").GetBoolean() && device.Acted.Count > acted);
        Assert.Equal(1ul, device.Acted[^1].Generation);
        await UntilAsync(http, "/v1/distributors", a => a.GetArrayLength() == 1);
        await StepUntilAsync(http, device, "/v1/devices", a => a[0].GetProperty("online").GetBoolean());

        await stop.CancelAsync();
        await Task.WhenAll(controller, distributor);
        await second.StopAsync(Cancelled);
    }

    [Fact]
    public async Task DevicesAreLetInAndOutOverHttp()
    {
        MosquittoTls tls = (await broker.Admit(BrokerIdentity.Controller("t", "c")))[0];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var address = new TaskCompletionSource<Uri>();
        Task controller = FleetHost.RunControllerAsync(Controller(tls, address.SetResult) with { BrokerFolder = broker.Folder }, stop.Token);
        using var http = new HttpClient { BaseAddress = await address.Task.WaitAsync(Cancelled) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        using var stranger = new HttpClient { BaseAddress = http.BaseAddress };
        using DeviceKey key = new(), next = new();

        (_, JsonElement claim) = await PostAsync(http, "/v1/claims", """{ "device": "gateway-07", "minutes": 5 }""");
        string token = claim.GetProperty("token").GetString()!;
        string Enrol(string claimed, string device, DeviceKey of) => JsonSerializer.Serialize(new { token = claimed, device, csr = Convert.ToBase64String(of.Request()) });
        Assert.Equal((HttpStatusCode.Forbidden, "CAPSULE8007"), Refusal(await PostAsync(stranger, "/v1/enrol", Enrol("nfr-wrong", "gateway-07", key))));
        Assert.Equal((HttpStatusCode.Forbidden, "CAPSULE8007"), Refusal(await PostAsync(stranger, "/v1/enrol", Enrol(token, "gateway-08", key))));
        Assert.Equal((HttpStatusCode.BadRequest, "CAPSULE8006"), Refusal(await PostAsync(stranger, "/v1/enrol", $$"""{ "token": "{{token}}", "device": "gateway-07", "csr": "no base64" }""")));
        (HttpStatusCode status, JsonElement identity) = await PostAsync(stranger, "/v1/enrol", Enrol(token, "gateway-07", key));
        Assert.Equal((HttpStatusCode.OK, "t", $"127.0.0.1:{broker.Process.Port}"), (status, identity.GetProperty("tenant").GetString(), identity.GetProperty("broker").GetString()));
        Assert.Contains("BEGIN CERTIFICATE", identity.GetProperty("certificate").GetString(), StringComparison.Ordinal);
        (_, JsonElement asBefore) = await PostAsync(stranger, "/v1/enrol", Enrol(token, "gateway-07", key)); // the answer was lost
        Assert.Equal(identity.GetProperty("certificate").GetString(), asBefore.GetProperty("certificate").GetString());
        Assert.Equal((HttpStatusCode.Forbidden, "CAPSULE8007"), Refusal(await PostAsync(stranger, "/v1/enrol", Enrol(token, "gateway-07", next))));
        Assert.Contains(BrokerIdentity.Device("t", "gateway-07"), broker.Folder.Allowed());

        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(stranger, "/v1/devices/gateway-07/revoke", "")).Status);
        string rotation = JsonSerializer.Serialize(new { csr = Convert.ToBase64String(next.Request()) });
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(http, "/v1/devices/gateway-07/rotate", rotation)).Status);
        Assert.Equal((HttpStatusCode.NotFound, "CAPSULE8004"), Refusal(await PostAsync(http, "/v1/devices/nobody/rotate", rotation)));
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(http, "/v1/devices/gateway-07/revoke", "")).Status);
        Assert.DoesNotContain(BrokerIdentity.Device("t", "gateway-07"), broker.Folder.Allowed());
        await UntilAsync(http, "/v1/devices", a => a.EnumerateArray().Any(d => d.GetProperty("device").GetString() == "gateway-07"));
        using HttpResponseMessage retired = await http.DeleteAsync("/v1/devices/gateway-07", Cancelled);
        Assert.Equal(HttpStatusCode.NoContent, retired.StatusCode);
        await UntilAsync(http, "/v1/devices", a => a.EnumerateArray().All(d => d.GetProperty("device").GetString() != "gateway-07"));
        using HttpResponseMessage again = await http.DeleteAsync("/v1/devices/gateway-07", Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);

        await stop.CancelAsync();
        await controller;
    }

    public void Dispose() => _folder.Dispose();

    private ControllerHostOptions Controller(MosquittoTls tls, Action<Uri> ready, int? port = null) => new()
    {
        Controller = new ControllerOptions { Tenant = "t", DeltaFolder = At("deltas") },
        Database = At("fleet.db"),
        ImageStore = At("images"),
        Broker = Options(tls, "controller", port),
        Api = new ApiOptions { Token = Token },
        Ready = ready,
        Log = Log,
    };

    private DistributorHostOptions Distributor(MosquittoTls tls, int? port = null) => new()
    {
        Distributor = new DistributorOptions { Tenant = "t", Name = "x" },
        Broker = Options(tls, "distributor", port),
        Layouts = [At("images"), At("deltas")],
        Log = Log,
    };

    private MosquittoOptions Options(MosquittoTls tls, string client, int? port = null) => new() { Host = "127.0.0.1", Port = port ?? broker.Process.Port, ClientId = client, Tls = tls };

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private string At(string name) => Path.Combine(_folder.Path, name);

    private void Log(string line)
    {
        lock (_log)
        {
            _log.Add(line);
        }
    }

    // Until the blob is here; the same connection does both.
    private static async Task RunAsync(FakeDevice device, byte[] plan, CancellationToken token)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        PullDevice? pull = null;
        while (pull is not { IsComplete: true })
        {
            await Task.Delay(5, token);
            if (pull is null)
            {
                device.Step();
                pull = device.Acted.Count > 0 ? new PullDevice(device.Mqtt, () => clock.ElapsedMilliseconds, "a", 1, (Digest.Of(plan), BlockGeometry.For(plan.Length, 12))) : null;
                pull?.OnConnected();
            }
            else
            {
                pull.Step();
            }
        }

        Assert.True(pull.IsRight);
    }

    private static Task<JsonElement> UntilAsync(HttpClient http, string path, Func<JsonElement, bool> holds) => StepUntilAsync(http, null, path, holds);

    private static async Task<JsonElement> StepUntilAsync(HttpClient http, FakeDevice? device, string path, Func<JsonElement, bool> holds)
    {
        for (int i = 0; i < 3000; i++, await Task.Delay(20, Cancelled))
        {
            device?.Step();
            JsonElement answer = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(path, UriKind.Relative), Cancelled)).RootElement;
            if (holds(answer))
            {
                return answer;
            }
        }

        throw new TimeoutException($"{path} is still {await http.GetStringAsync(new Uri(path, UriKind.Relative), Cancelled)}");
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(HttpClient http, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync(new Uri(path, UriKind.Relative), content, Cancelled);
        byte[] bytes = await response.Content.ReadAsByteArrayAsync(Cancelled);
        return (response.StatusCode, bytes.Length == 0 ? default : JsonDocument.Parse(bytes).RootElement);
    }

    private static (HttpStatusCode Status, string? Code) Refusal((HttpStatusCode Status, JsonElement Body) answer) => (answer.Status, answer.Body.GetProperty("code").GetString());
}
