using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Tests.Memory;
using Xunit;

namespace NfRuntime.Fleet.Tests.Api;

public sealed class FleetApiTests : IAsyncLifetime
{
    private const string Token = "a-token-for-tests-only";
    private readonly ControlScene _scene = new();
    private readonly List<string> _log = [];
    private readonly HttpClient _http = new();
    private FleetApi _api = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _api = new FleetApi(new ApiOptions { Token = Token }, _scene.Controller, _log.Add);
        await _api.StartAsync(Cancelled);
        _http.BaseAddress = _api.Address;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _api.DisposeAsync();
        _scene.Dispose();
    }

    [Fact]
    public async Task HealthNeedsNoTokenAndEverythingElseDoes()
    {
        using var stranger = new HttpClient { BaseAddress = _api.Address };
        JsonElement health = await stranger.GetFromJsonElementAsync("/v1/health", Cancelled);
        Assert.Equal(("ok", true), (health.GetProperty("status").GetString(), health.GetProperty("broker").GetBoolean()));

        foreach (string? header in new[] { null, "Bearer wrong", "Bearer " + Token + "x", "Basic " + Token, "Bearer" })
        {
            foreach (string path in new[] { "/v1/devices", "/v1/nothing", "/v1/events", "/v1/health/x", "/v1/HEALTH/../devices" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                if (header is not null)
                {
                    request.Headers.TryAddWithoutValidation("Authorization", header);
                }

                await IsProblemAsync(await stranger.SendAsync(request, Cancelled), HttpStatusCode.Unauthorized, 8003);
            }
        }
    }

    [Fact]
    public async Task DeployAndWatchAsTheToolDoes()
    {
        SampleImages.Add(_scene.Store, "acme/fashion", "1", SampleImages.Plan(1));
        _scene.AddDevice("a");

        using HttpResponseMessage response = await PostAsync("/v1/deployments", """{ "image": "acme/fashion:1", "to": ["a"], "shadow": false, "confirm": "auto", "retry": false }""");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        JsonElement answer = await JsonAsync(response);
        Assert.Equal(("deploy", "acme/fashion", "1"), (answer.GetProperty("action").GetString(), answer.GetProperty("capsule").GetString(), answer.GetProperty("version").GetString()));
        Assert.StartsWith("sha256:", answer.GetProperty("image").GetString(), StringComparison.Ordinal);
        Assert.Equal("pending", answer.GetProperty("devices")[0].GetProperty("state").GetString());
        _scene.Run(500);

        JsonElement later = await _http.GetFromJsonElementAsync($"/v1/deployments/{answer.GetProperty("id").GetString()}", Cancelled);
        Assert.Equal("trial", later.GetProperty("devices")[0].GetProperty("state").GetString());

        using HttpResponseMessage confirm = await PostAsync("/v1/capsules/acme%2Ffashion/confirm", """{ "all": true }""");
        Assert.Equal(HttpStatusCode.Accepted, confirm.StatusCode);
        _scene.Run(500);
        JsonElement device = (await _http.GetFromJsonElementAsync("/v1/devices", Cancelled))[0];
        Assert.Equal((true, "host", 2), (device.GetProperty("online").GetBoolean(), device.GetProperty("target").GetString(), device.GetProperty("observedGeneration").GetInt32()));
        JsonElement version = device.GetProperty("capsules")[0].GetProperty("versions")[0];
        Assert.Equal(("confirmed", "confirmed", "acme/fashion:1"), (version.GetProperty("place").GetString(), version.GetProperty("state").GetString(), version.GetProperty("image").GetString()));

        JsonElement why = await _http.GetFromJsonElementAsync("/v1/devices/a/why?capsule=acme/fashion", Cancelled);
        Assert.NotEqual(0, why.GetProperty("sentences").GetArrayLength());
        Assert.Equal(0, (await _http.GetFromJsonElementAsync("/v1/stats", Cancelled)).GetArrayLength());
        Assert.Equal(0, (await _http.GetFromJsonElementAsync("/v1/distributors", Cancelled)).GetArrayLength());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("{ \"image\": 5, \"all\": true }")]
    [InlineData("{ \"image\": \"fashion:1\", \"all\": \"yes\" }")]
    [InlineData("{ \"image\": \"fashion:1\", \"all\": true, \"force\": true }")]
    [InlineData("{ \"image\": \"fashion:1\", \"all\": true, \"rules\": { \"inferences\": -1 } }")]
    [InlineData("{ \"image\": \"fashion:1\", \"all\": true, \"rules\": { \"unheard\": 1 } }")]
    [InlineData("{ \"image\": \"fashion:1\", \"to\": [] }")]
    [InlineData("{ \"image\": \"../../etc/passwd\", \"all\": true }", 400, 5021)]
    [InlineData("{ \"image\": \"fashion:1\", \"all\": true, \"image\": \"fashion:2\" } trailing")]
    public async Task HostileBodiesAreRefused(string body, int status = 400, int code = 8006)
    {
        _scene.AddDevice("a");
        await IsProblemAsync(await PostAsync("/v1/deployments", body), (HttpStatusCode)status, code);
        Assert.Equal(0ul, _scene.Controller.Device("a").Generation);
        Assert.Empty(_log);
    }

    [Fact]
    public async Task DeepAndLargeBodiesAreRefusedBeforeTheyAreParsed()
    {
        await IsProblemAsync(await PostAsync("/v1/deployments", "{ \"to\": " + new string('[', 30_000)), HttpStatusCode.BadRequest, 8006);
        await IsProblemAsync(await PostAsync("/v1/deployments", "{ \"image\": \"" + new string('x', 100_000)), HttpStatusCode.RequestEntityTooLarge, 8006);
        using var keys = new ByteArrayContent(new byte[5000]);
        await IsProblemAsync(await _http.PutAsync("/v1/keys", keys, Cancelled), HttpStatusCode.RequestEntityTooLarge, 8006);
        Assert.Empty(_log);
    }

    [Theory]
    [InlineData("GET", "/v1/devices/nobody", 404, 8004)]
    [InlineData("GET", "/v1/devices/nobody/why", 404, 8004)]
    [InlineData("GET", "/v1/deployments/r99", 404, 8004)]
    [InlineData("GET", "/v1/deployments/%1b[2J", 404, 8004)]
    [InlineData("GET", "/v1/nothing", 404, 8004)]
    [InlineData("DELETE", "/v1/health", 405, 8004)]
    [InlineData("GET", "/v1/events?after=-1", 400, 8006)]
    [InlineData("GET", "/v1/events?after=99999999999999999999", 400, 8006)]
    [InlineData("GET", "/v1/events?follow=perhaps", 400, 8006)]
    [InlineData("GET", "/v1/stats?device=a&device=b", 400, 8006)]
    public async Task WrongPathsAndQueriesAreProblems(string method, string path, int status, int code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        await IsProblemAsync(await _http.SendAsync(request, Cancelled), (HttpStatusCode)status, code);
    }

    [Fact]
    public async Task WhatNoDeviceHasCannotBeConfirmed()
    {
        _scene.AddDevice("a");
        await IsProblemAsync(await PostAsync("/v1/capsules/fashion/confirm", """{ "to": ["a"] }"""), HttpStatusCode.Conflict, 8005);
        await IsProblemAsync(await PostAsync("/v1/capsules/fashion/rollback", """{ "to": ["nobody"] }"""), HttpStatusCode.NotFound, 8004);
        await IsProblemAsync(await PostAsync("/v1/capsules/FASHION/remove", """{ "all": true }"""), HttpStatusCode.BadRequest, 8006);
    }

    [Fact]
    public async Task AKeyListIsTakenAndAnOlderOneRefused()
    {
        using var two = new ByteArrayContent(SampleImages.KeyList(2));
        using HttpResponseMessage taken = await _http.PutAsync("/v1/keys", two, Cancelled);
        Assert.Equal(HttpStatusCode.NoContent, taken.StatusCode);
        using var one = new ByteArrayContent(SampleImages.KeyList(1));
        await IsProblemAsync(await _http.PutAsync("/v1/keys", one, Cancelled), HttpStatusCode.Conflict, 8008);
    }

    [Fact]
    public async Task AClientThatIsAheadOfANewDatabaseHearsWhatComes()
    {
        _scene.AddDevice("a");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events?follow=true&after=4000000");
        using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancelled));
        _scene.AddDevice("b");
        Assert.StartsWith("id: ", await reader.ReadLineAsync(Cancelled).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EventsAreToldInOrderAndResumedWhereTheClientWas()
    {
        SampleImages.Add(_scene.Store, "fashion", "1", SampleImages.Plan(1));
        FakeDevice device = _scene.AddDevice("a");
        _scene.AddDevice("b");
        string first = await _http.GetStringAsync("/v1/events", Cancelled);
        string[] kinds = [.. first.Split('\n').Where(l => l.StartsWith("event: ", StringComparison.Ordinal)).Select(l => l[7..])];
        Assert.Contains("online", kinds);
        Assert.Contains("state", kinds);
        long last = long.Parse(first.Split('\n').Last(l => l.StartsWith("id: ", StringComparison.Ordinal))[4..]);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events?follow=true&device=a");
        request.Headers.Add("Last-Event-ID", last.ToString());
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancelled));
        device.Cut();
        _scene.Run(100);
        Assert.True(long.Parse((await reader.ReadLineAsync(Cancelled))![4..]) > last);
        Assert.Equal("event: online", await reader.ReadLineAsync(Cancelled));
        Assert.Contains("\"online\":false", await reader.ReadLineAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public void AnAddressInTheNetworkNeedsACertificateAndATokenHasALength()
    {
        Assert.Throws<ArgumentException>(() => new FleetApi(new ApiOptions { Token = Token, Address = IPAddress.Any }, _scene.Controller, _log.Add));
        Assert.Throws<ArgumentException>(() => new FleetApi(new ApiOptions { Token = "short" }, _scene.Controller, _log.Add));
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await _http.PostAsync(path, content, Cancelled);
    }

    private static async Task IsProblemAsync(HttpResponseMessage response, HttpStatusCode status, int code)
    {
        using (response)
        {
            Assert.Equal(status, response.StatusCode);
            JsonElement problem = await JsonAsync(response);
            Assert.Equal($"CAPSULE{code}", problem.GetProperty("code").GetString());
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            Assert.DoesNotContain("   at ", problem.GetProperty("detail").GetString()!, StringComparison.Ordinal);
        }
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(Cancelled)).RootElement;
}

internal static class HttpJson
{
    public static async Task<JsonElement> GetFromJsonElementAsync(this HttpClient http, string path, CancellationToken token) =>
        JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(path, UriKind.Relative), token)).RootElement;
}
