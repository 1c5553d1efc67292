using System;
using System.IO;
using System.Runtime.Versioning;
using System.Threading.Tasks;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Fleet;

[UnsupportedOSPlatform("windows")]
public sealed class FleetErrorTests : IDisposable
{
    private readonly FakeFleet _fleet = new();
    private readonly Tool _tool = new();

    public void Dispose()
    {
        _fleet.Dispose();
        _tool.Dispose();
    }

    [Fact]
    public async Task Without_a_playground_or_a_name_there_is_no_fleet() =>
        Assert.Contains("capsule up", (await _tool.RunAsync("devices")).Failed(4, "CAPSULE8001"), StringComparison.Ordinal);

    [Fact]
    public async Task A_controller_that_is_gone_is_named()
    {
        WithToken();
        string url = _fleet.Url;
        _fleet.Dispose();
        Assert.Contains(url, (await _tool.RunAsync("devices", "--fleet", url)).Failed(4, "CAPSULE8001"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_url_needs_a_token_and_a_safe_way()
    {
        (await _tool.RunAsync("devices", "--fleet", _fleet.Url)).Failed(5, "CAPSULE8003");
        WithToken();
        (await _tool.RunAsync("devices", "--fleet", "http://controller.example/")).Failed(2, "CAPSULE1003");
        (await _tool.RunAsync("devices", "--fleet", "ftp://127.0.0.1/")).Failed(2, "CAPSULE1003");
        Assert.Empty(_fleet.Calls);
    }

    [Theory]
    [InlineData("CAPSULE8005", 409, 5)]
    [InlineData("CAPSULE8007", 403, 5)]
    [InlineData("CAPSULE5021", 404, 3)]
    public async Task The_controllers_refusal_keeps_its_code_sentence_and_remedy(string code, int status, int exit)
    {
        WithToken();
        _fleet.Refuse("GET /v1/devices", status, $$"""{ "title": "no", "detail": "It is so", "code": "{{code}}", "remedy": "Do that." }""");
        Assert.Equal($"{code}: It is so.\n  Do that.\n", (await _tool.RunAsync("devices", "--fleet", _fleet.Url)).Failed(exit, code));
    }

    [Theory]
    [InlineData(401, 5, "CAPSULE8003")]
    [InlineData(404, 3, "CAPSULE8004")]
    [InlineData(409, 5, "CAPSULE8005")]
    [InlineData(400, 2, "CAPSULE8006")]
    [InlineData(500, 3, "CAPSULE8002")]
    [InlineData(302, 3, "CAPSULE8002")]
    public async Task A_refusal_without_a_code_is_judged_by_its_status(int status, int exit, string code)
    {
        WithToken();
        _fleet.Refuse("GET /v1/devices", status, "<html>");
        Assert.Contains($"{status}", (await _tool.RunAsync("devices", "--fleet", _fleet.Url)).Failed(exit, code), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[ { \"online\": true } ]")]
    [InlineData("nothing")]
    [InlineData("null")]
    public async Task An_answer_that_is_none_is_an_error(string body)
    {
        WithToken();
        _fleet.Answer("GET /v1/devices", body);
        (await _tool.RunAsync("devices", "--fleet", _fleet.Url)).Failed(3, "CAPSULE8002");
    }

    [Fact]
    public async Task The_playgrounds_file_is_used_when_only_its_owner_can_read_it()
    {
        _fleet.Answer("GET /v1/devices", "[]");
        string file = Path.Combine(_tool.Home, "playground", "context.json");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        FleetContext.WriteFile(file, new FleetContext(new Uri(_fleet.Url), FakeFleet.Token, null));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Contains("No devices", (await _tool.RunAsync("devices")).Succeeded(), StringComparison.Ordinal);
        Assert.True(_fleet.Calls.TryPeek(out FleetCall? call) && call.Authorization == "Bearer " + FakeFleet.Token);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", (await _tool.RunAsync("devices")).Failed(3, "CAPSULE5001"), StringComparison.Ordinal);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(file, "{ \"fleet\": null }");
        (await _tool.RunAsync("devices")).Failed(3, "CAPSULE8002");
    }

    private void WithToken() => _tool.Variables[FleetContext.TokenVariable] = FakeFleet.Token;
}
