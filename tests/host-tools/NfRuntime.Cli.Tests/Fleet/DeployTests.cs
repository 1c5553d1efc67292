using System;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Fleet;

public sealed class DeployTests : IDisposable
{
    private readonly FakeFleet _fleet = new();
    private readonly Tool _tool = new();

    public DeployTests() => _tool.Variables[FleetContext.TokenVariable] = FakeFleet.Token;

    public void Dispose()
    {
        _fleet.Dispose();
        _tool.Dispose();
    }

    [Fact]
    public async Task A_deployment_tells_each_change_once_and_ends_when_all_have()
    {
        _fleet.Answer("POST /v1/deployments", Deployment("""{ "device": "gateway-03", "state": "pending" }, { "device": "gateway-07", "state": "refused", "sentence": "arena 11,264 B needed, 9,216 B free" }"""))
            .Answer(
                "GET /v1/deployments/d1",
                Deployment("""{ "device": "gateway-03", "state": "fetching", "progress": { "here": 8300, "total": 47206 } }, { "device": "gateway-07", "state": "refused" }"""),
                Deployment("""{ "device": "gateway-03", "state": "fetching", "progress": { "here": 9300, "total": 47206 } }, { "device": "gateway-07", "state": "refused" }"""),
                Deployment("""{ "device": "gateway-03", "state": "trial" }, { "device": "gateway-07", "state": "refused" }"""));
        ToolResult result = await RunAsync("deploy", "fashion:2", "--all");
        Assert.Equal(
            " gateway-03   pending\n"
            + " gateway-07   refused: arena 11,264 B needed, 9,216 B free   → capsule why gateway-07\n"
            + " gateway-03   fetching   8.1 of 46.1 KB\n"
            + " gateway-03   trial\n"
            + " 1 on trial, 1 refused. Confirm with: capsule confirm fashion:2\n",
            result.Out);
        Assert.Equal((1, string.Empty), (result.Exit, result.Error));
        Assert.Equal("""{"image":"fashion:2","all":true,"shadow":false,"confirm":"manual","retry":false}""", _fleet.Calls.First().Body);
    }

    [Fact]
    public async Task Options_go_into_the_request_and_wait_means_confirmed()
    {
        _fleet.Answer("POST /v1/deployments", Deployment("""{ "device": "a", "state": "trial" }"""))
            .Answer("GET /v1/deployments/d1", Deployment("""{ "device": "a", "state": "trial" }"""), Deployment("""{ "device": "a", "state": "confirmed" }"""));
        string text = (await RunAsync("deploy", "fashion:2", "--to", "a,b", "c", "--shadow", "--confirm", "auto", "--retry", "--wait")).Succeeded();
        Assert.EndsWith(" 1 confirmed.\n", text, StringComparison.Ordinal);
        Assert.Equal("""{"image":"fashion:2","to":["a","b","c"],"shadow":true,"confirm":"auto","retry":true}""", _fleet.Calls.First().Body);
    }

    [Fact]
    public async Task Time_runs_out()
    {
        _fleet.Answer("POST /v1/deployments", Deployment("""{ "device": "a", "state": "pending" }""")).Answer("GET /v1/deployments/d1", Deployment("""{ "device": "a", "state": "pending" }"""));
        ToolResult result = await RunAsync("deploy", "fashion:2", "--all", "--timeout", "1");
        Assert.Equal(1, result.Exit);
        Assert.Contains(" 1 not answering yet.\n Not all of them within 1 s", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_the_deployment_as_it_ended()
    {
        _fleet.Answer("POST /v1/deployments", Deployment("""{ "device": "a", "state": "pending" }""")).Answer("GET /v1/deployments/d1", Deployment("""{ "device": "a", "state": "trial" }"""));
        using JsonDocument json = JsonDocument.Parse((await RunAsync("deploy", "fashion:2", "--all", "--json")).Succeeded());
        Assert.Equal("trial", json.RootElement.GetProperty("devices")[0].GetProperty("state").GetString());
    }

    [Fact]
    public async Task On_a_terminal_the_table_is_drawn_in_its_place_and_fits()
    {
        using var tool = new Tool { OutIsTerminal = true, OutWidth = 40 };
        tool.Variables[FleetContext.TokenVariable] = FakeFleet.Token;
        _fleet.Answer("POST /v1/deployments", Deployment("""{ "device": "a", "state": "fetching", "progress": { "here": 50, "total": 100 } }"""))
            .Answer("GET /v1/deployments/d1", Deployment("""{ "device": "a", "state": "trial" }"""));
        string text = (await tool.RunAsync("deploy", "fashion:2", "--all", "--fleet", _fleet.Url)).Succeeded();
        Assert.StartsWith(" a   fetching   ████████░░░░░░░░ 50 of …\n\u001b[1A\u001b[J a   \u001b[32mtrial\u001b[0m\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Devices_must_be_named_once()
    {
        Assert.Contains("No device is named.", (await RunAsync("deploy", "fashion:2")).Failed(2, "CAPSULE1003"), StringComparison.Ordinal);
        Assert.Contains("exclude each other", (await RunAsync("deploy", "fashion:2", "--to", "a", "--all")).Failed(2, "CAPSULE1003"), StringComparison.Ordinal);
        Assert.Contains("No device is named.", (await RunAsync("rollback", "fashion")).Failed(2, "CAPSULE1003"), StringComparison.Ordinal);
        Assert.Empty(_fleet.Calls);
    }

    [Fact]
    public async Task Confirm_goes_everywhere_unless_told_and_only_for_the_image_that_was_named()
    {
        const string Devices = """[ { "device": "a", "capsules": [ { "name": "acme/fashion", "versions": [ { "place": "candidate", "state": "trial", "image": "fashion:2" } ] } ] } ]""";
        _fleet.Answer("GET /v1/devices", Devices).Answer("POST /v1/capsules/acme%2Ffashion/confirm", Deployment("""{ "device": "a", "state": "confirmed" }""", "confirm"));
        Assert.EndsWith(" 1 confirmed.\n", (await RunAsync("confirm", "fashion:2")).Succeeded(), StringComparison.Ordinal);
        Assert.Equal("""{"all":true}""", _fleet.Calls.Last().Body);
        (await RunAsync("confirm", "acme/fashion", "--to", "a")).Succeeded();
        Assert.Equal("""{"to":["a"]}""", _fleet.Calls.Last().Body);
        int calls = _fleet.Calls.Count;
        Assert.Contains("a has fashion:2 as its candidate, not acme/fashion:3", (await RunAsync("confirm", "acme/fashion:3")).Failed(5, "CAPSULE8005"), StringComparison.Ordinal);
        Assert.Equal(calls + 1, _fleet.Calls.Count);
    }

    [Fact]
    public async Task Rolling_back_and_removing_end_with_done()
    {
        _fleet.Answer("POST /v1/capsules/fashion/rollback", Deployment("""{ "device": "a", "state": "done" }""", "rollback"))
            .Answer("POST /v1/capsules/fashion/remove", Deployment("""{ "device": "a", "state": "refused", "sentence": "it is not there" }""", "remove"));
        Assert.EndsWith(" 1 rolled back.\n", (await RunAsync("rollback", "fashion", "--all")).Succeeded(), StringComparison.Ordinal);
        ToolResult removed = await RunAsync("rm", "fashion", "--on", "a");
        Assert.Equal((1, " a   refused: it is not there   → capsule why a\n 1 refused.\n"), (removed.Exit, removed.Out));
    }

    private static string Deployment(string devices, string action = "deploy") =>
        $$"""{ "id": "d1", "action": "{{action}}", "capsule": "fashion", "version": "2.0.0", "image": "sha256:00", "devices": [ {{devices}} ] }""";

    private Task<ToolResult> RunAsync(params string[] arguments) => _tool.RunAsync([.. arguments, "--fleet", _fleet.Url]);
}
