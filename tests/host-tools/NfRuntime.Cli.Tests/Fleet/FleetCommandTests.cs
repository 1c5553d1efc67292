using System;
using System.IO;
using System.Linq;
using System.Runtime.Versioning;
using System.Text.Json;
using System.Threading.Tasks;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Fleet;

[UnsupportedOSPlatform("windows")]
public sealed class FleetCommandTests : IDisposable
{
    private const string Devices = """
        [ { "device": "gateway-03", "online": true, "target": "cortex-m4", "board": "virtual", "generation": 5, "observedGeneration": 5, "keyListVersion": 2,
            "store": { "bytes": 4194304, "used": 100, "garbage": 0, "free": 4000000, "largest": 3900000, "slotsUsed": 3, "slots": 64 }, "aMemberOfTomorrow": [ 1 ],
            "capsules": [ { "name": "fashion", "serving": "candidate", "floor": 1, "versions": [
              { "place": "confirmed", "state": "confirmed", "version": "1.0.0", "counter": 1, "image": "fashion:1", "strikes": 0 },
              { "place": "candidate", "state": "trial", "version": "2.0.0", "counter": 2, "image": "fashion:2", "strikes": 1 },
              { "place": "previous", "state": "superseded", "version": "0.9.0", "counter": 1, "image": "fashion:0", "strikes": 0 } ] } ],
            "refusals": [] },
          { "device": "gateway-07", "online": false, "generation": 4, "observedGeneration": 3, "lastSeen": "2020-01-01T00:00:00Z",
            "capsules": [], "refusals": [ { "name": "fashion", "reason": 4, "sentence": "arena 11,264 B needed, 9,216 B free" } ] } ]
        """;

    private readonly FakeFleet _fleet = new();
    private readonly Tool _tool = new();

    public FleetCommandTests() => _tool.Variables[FleetContext.TokenVariable] = FakeFleet.Token;

    public void Dispose()
    {
        _fleet.Dispose();
        _tool.Dispose();
    }

    [Fact]
    public async Task Devices_are_a_table_that_says_who_is_behind()
    {
        _fleet.Answer("GET /v1/devices", Devices);
        Assert.Equal(
            " DEVICE      BOARD    TARGET     CAPSULES  STORE FREE  KEYS  GENERATION  STATE    SEEN\n"
            + " gateway-03  virtual  cortex-m4         1  3,906.2 KB     2           5  online   now\n"
            + $" gateway-07  -        -                 0           -     0      3 of 4  offline  {(long)(DateTime.UtcNow - new DateTime(2020, 1, 1)).TotalDays} d\n"
            + " 1 of 2 online.\n",
            (await RunAsync("devices")).Succeeded());
        Assert.Equal("Bearer " + FakeFleet.Token, _fleet.Calls.Single().Authorization);
    }

    [Fact]
    public async Task A_lost_broker_and_a_shadow_are_told()
    {
        _fleet.HasBroker = false;
        _fleet.Answer("GET /v1/devices", Devices.Replace("\"serving\": \"candidate\"", "\"serving\": \"confirmed\"", StringComparison.Ordinal)).Answer("GET /v1/stats", "[]");
        ToolResult result = await RunAsync("ps");
        Assert.Contains("fashion:2  shadow", result.Succeeded(), StringComparison.Ordinal);
        Assert.Equal(" The controller has lost its broker: this is what it knew last.\n", result.Error);
    }

    [Fact]
    public async Task Json_keeps_the_shapes_of_the_api()
    {
        _fleet.Answer("GET /v1/devices", Devices);
        using JsonDocument json = JsonDocument.Parse((await RunAsync("devices", "--json")).Succeeded());
        Assert.Equal("candidate", json.RootElement[0].GetProperty("capsules")[0].GetProperty("serving").GetString());
        Assert.Equal(4_000_000, json.RootElement[0].GetProperty("store").GetProperty("free").GetInt32());
    }

    [Fact]
    public async Task Ps_joins_versions_and_figures_and_names_refusals()
    {
        _fleet.Answer("GET /v1/devices", Devices).Answer("GET /v1/stats", """[ { "device": "gateway-03", "capsule": "fashion", "place": "candidate", "inferences": 1204, "p95Us": 3100 } ]""");
        Assert.Equal(
            " DEVICE      CAPSULE  VERSION  IMAGE      STATE      SINCE  INFERENCES     P95  STRIKES\n"
            + " gateway-03  fashion  1.0.0    fashion:1  confirmed  -               -       -        0\n"
            + "             fashion  2.0.0    fashion:2  trial      -           1,204  3.1 ms        1\n"
            + " gateway-07: refused fashion: arena 11,264 B needed, 9,216 B free   → capsule why gateway-07\n",
            (await RunAsync("ps")).Succeeded());
        Assert.Contains("fashion:0", (await RunAsync("ps", "--previous")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains("There is no device \"gateway-9\"", (await RunAsync("ps", "gateway-9")).Failed(3, "CAPSULE8004"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stats_show_swap_and_shadow()
    {
        _fleet.Answer("GET /v1/stats", """
            [ { "device": "gateway-03", "capsule": "fashion", "place": "candidate", "inferences": 1204, "errors": 0, "meanUs": 2900, "p95Us": 3100, "maxUs": 9000,
                "strikes": 0, "blackoutUs": 400, "classes": [ 3, 5 ], "compared": 1000, "disagreements": 4 } ]
            """);
        string text = (await RunAsync("stats")).Succeeded();
        Assert.Contains("1,204       0  2.9 ms  3.1 ms  9.0 ms  0.4 ms        0  4 of 1,000 differ  3 5", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_says_it_in_the_controllers_sentences()
    {
        _fleet.Answer("GET /v1/devices/gateway-07/why?capsule=a%2Fb", """{ "sentences": [ "a/b was refused.", "It needs more." ], "remedy": "capsule rm x --on gateway-07" }""");
        Assert.Equal(" a/b was refused.\n It needs more.\n capsule rm x --on gateway-07\n", (await RunAsync("why", "gateway-07", "--capsule", "a/b")).Succeeded());
    }

    [Fact]
    public async Task Logs_show_entries_and_nothing_else()
    {
        const string Entry = """{"device":"gateway-03","at":"2026-01-01T10:42:07Z","level":"warning","capsule":"fashion","sentence":"vector 3 \u001b[31mdiffers"}""";
        _fleet.Events("GET /v1/events?after=0", $": hello\n\nid: 1\nevent: online\ndata: {{\"device\":\"x\"}}\n\nid: 2\nevent: log\ndata: {Entry}\n\n");
        string text = (await RunAsync("logs")).Succeeded();
        Assert.Single(text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("gateway-03    warning  fashion       vector 3 \uFFFD[31mdiffers", text, StringComparison.Ordinal);
        Assert.Equal(string.Empty, (await RunAsync("logs", "--capsule", "keywords")).Succeeded());
    }

    [Fact]
    public async Task Enrolment_prints_a_claim_or_writes_a_key_that_others_cannot_read()
    {
        _fleet.Answer("POST /v1/claims", """{ "token": "tok-1", "expires": "2026-01-01T10:42:07Z" }""")
            .Answer("POST /v1/enrol", """{ "certificate": "CERT", "ca": "CA", "tenant": "play", "broker": "127.0.0.1:8883" }""");
        string said = (await RunAsync("device", "enroll", "gateway-07")).Succeeded();
        Assert.Contains("echo tok-1 >token && nfr-device serve --name gateway-07", said, StringComparison.Ordinal);
        Assert.Contains("--token-file token", said, StringComparison.Ordinal); // what nfr-device takes
        string folder = _tool.File("identity");
        (await RunAsync("device", "enroll", "gateway-07", "--out", folder)).Succeeded();
        string key = Path.Combine(folder, "gateway-07.key");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
        Assert.Contains("PRIVATE KEY", File.ReadAllText(key), StringComparison.Ordinal);
        Assert.Equal("CERT", File.ReadAllText(Path.Combine(folder, "gateway-07.crt")));
        using JsonDocument sent = JsonDocument.Parse(_fleet.Calls.Last().Body);
        Assert.Equal("tok-1", sent.RootElement.GetProperty("token").GetString());
        byte[] request = Convert.FromBase64String(sent.RootElement.GetProperty("csr").GetString()!);
        Assert.Equal("CN=gateway-07", System.Security.Cryptography.X509Certificates.CertificateRequest.LoadSigningRequest(request, System.Security.Cryptography.HashAlgorithmName.SHA256).SubjectName.Name);
    }

    [Fact]
    public async Task Rotation_takes_a_request_of_the_device_and_refuses_what_is_none()
    {
        _fleet.Answer("POST /v1/devices/gateway-07/rotate", """{ "certificate": "CERT", "ca": "CA", "tenant": "play", "broker": "127.0.0.1:8883" }""");
        using var key = DeviceIdentity.NewKey();
        string der = DeviceIdentity.Request("gateway-07", key);
        string file = _tool.Write("device.csr", $"-----BEGIN CERTIFICATE REQUEST-----\n{der}\n-----END CERTIFICATE REQUEST-----\n");
        string folder = _tool.File("identity");
        (await RunAsync("device", "rotate", "gateway-07", "--csr", file, "--out", folder)).Succeeded();
        Assert.Contains(der, _fleet.Calls.Single().Body.Replace("\\u002B", "+", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder, "gateway-07.key")));
        (await RunAsync("device", "rotate", "gateway-07", "--csr", _tool.Write("no.csr", "nothing"), "--out", folder)).Failed(3, "CAPSULE5001");
    }

    [Fact]
    public async Task Revoking_and_retiring_say_what_follows()
    {
        _fleet.Answer("POST /v1/devices/gateway-07/revoke", "{}").Answer("DELETE /v1/devices/gateway-07", "{}");
        Assert.Contains("cannot connect", (await RunAsync("device", "revoke", "gateway-07")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains("\"retired\"", (await RunAsync("device", "retire", "gateway-07", "--json")).Succeeded(), StringComparison.Ordinal);
    }

    private Task<ToolResult> RunAsync(params string[] arguments) => _tool.RunAsync([.. arguments, "--fleet", _fleet.Url]);
}
