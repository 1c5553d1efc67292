using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Threading;

namespace NfRuntime.Bench.Transport;

/// <summary>
/// A fleet on loopback as <c>capsule up</c> starts it: real broker, controller, distributors, virtual devices. Everything of it lies in one
/// folder; disposing ends it.
/// </summary>
internal sealed class Playground : IDisposable
{
    private readonly string _root;
    private readonly string _home;
    private readonly List<Process> _children = [];
    private HttpClient? _http;

    /// <param name="root">The checkout.</param>
    /// <param name="home">NFR_HOME of this playground; emptied.</param>
    public Playground(string root, string home)
    {
        (_root, _home) = (root, home);
        if (Directory.Exists(home))
        {
            Directory.Delete(home, recursive: true);
        }

        Directory.CreateDirectory(home);
        Capsule("keygen");
    }

    /// <summary>Runs the tool; its standard output.</summary>
    /// <exception cref="ToolException">It failed.</exception>
    public string Capsule(params string[] arguments) => Tools.Run(_root, "env", ["NFR_HOME=" + _home, "NO_COLOR=1", Path.Combine(_root, "artifacts", "capsule"), .. arguments]);

    /// <summary>Starts broker, controller, distributors and devices.</summary>
    public void Up(int devices, int distributors, params string[] more)
    {
        Capsule(["up", "--devices", $"{devices}", "--distributors", $"{distributors}", .. more]);
        JsonNode context = JsonNode.Parse(File.ReadAllText(Path.Combine(_home, "playground", "context.json")))!;
        _http = new HttpClient { BaseAddress = new Uri((string)context["fleet"]!), Timeout = TimeSpan.FromSeconds(60) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)context["token"]!);
    }

    /// <summary>Devices beside those of <see cref="Up"/>, with options of their own (lossy ones, say); returns when all are online.</summary>
    public string[] Join(string name, int count, string board, params string[] more)
    {
        string[] names = [.. Enumerable.Range(1, count).Select(i => $"{name}-{i.ToString().PadLeft(Math.Max(2, $"{count}".Length), '0')}")];
        string tokens = Path.Combine(_home, name + ".claims");
        File.WriteAllLines(tokens, names.Select(n => (string)Post("v1/claims", new JsonObject { ["device"] = n, ["minutes"] = 10 })["token"]!));
        string program = Path.Combine(_root, "artifacts", "dotnet", "bin", "NfRuntime.VirtualDevice", "release", "nfr-device");
        string settings = File.ReadAllText(Path.Combine(_home, "playground", "settings.json"));
        int port = (int)JsonNode.Parse(settings)!["brokerPort"]!;
        ProcessStartInfo start = new(program) { WorkingDirectory = _root, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "serve", "--name", count == 1 ? names[0] : name, "--count", $"{count}", "--board", board, "--state-dir", Path.Combine(_home, name), "--quiet",
            "--root-key", Path.Combine(_home, "keys", "root.pub"), "--enrol", _http!.BaseAddress!.ToString(), "--token-file", tokens, "--broker", $"127.0.0.1:{port}", .. more,
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        Process process = Process.Start(start) ?? throw new ToolException(program + " does not start");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => LastError = line.Data ?? LastError;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _children.Add(process);
        Until(180, $"{count} devices online: {LastError}", () => Devices().Count(d => names.Contains((string)d["device"]!) && (bool)d["online"]!) == count);
        return names;
    }

    /// <summary>The last line that a device process complained with.</summary>
    public string LastError { get; private set; } = string.Empty;

    /// <summary>Asks again every 100 ms until it holds.</summary>
    /// <exception cref="ToolException">It did not within the patience.</exception>
    public static void Until(int seconds, string what, Func<bool> holds)
    {
        for (var waited = Stopwatch.StartNew(); !holds(); Thread.Sleep(100))
        {
            if (waited.Elapsed.TotalSeconds > seconds)
            {
                throw new ToolException($"not within {seconds} s: {what}");
            }
        }
    }

    public JsonArray Get(string path) => Send(new HttpRequestMessage(HttpMethod.Get, path)).AsArray();

    public JsonNode Post(string path, JsonObject body) =>
        Send(new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json") });

    public IReadOnlyList<JsonNode> Devices() => [.. Get("v1/devices").Select(d => d!)];

    /// <summary>Ends the distributor that streams now, at once, as a power cut of its machine would. Its name.</summary>
    public string KillServing()
    {
        string name = string.Empty;
        Until(60, "a distributor that streams", () => (name = (string?)Get("v1/distributors").FirstOrDefault(d => (long)d!["streams"]! > 0)?["distributor"] ?? string.Empty).Length > 0);
        JsonArray processes = JsonNode.Parse(File.ReadAllText(Path.Combine(_home, "playground", "processes.json")))!.AsArray();
        JsonNode victim = processes.First(p => (string)p!["name"]! == name)!;
        using Process process = Process.GetProcessById((int)victim["id"]!);
        process.Kill();
        return name;
    }

    /// <summary>What a device has logged.</summary>
    public string Logs(string device) => Capsule("logs", device);

    /// <summary>Microseconds of all inferences of a version in this playground.</summary>
    public List<long> Inferences(string capsule, string version) =>
    [
        .. File.ReadLines(Path.Combine(_home, "playground", "devices.log"))
            .Where(l => l.Contains("\"event\":\"inference\"", StringComparison.Ordinal) && l.EndsWith('}'))
            .Select(l => JsonNode.Parse(l)!)
            .Where(n => (string)n["capsule"]! == capsule && (string)n["version"]! == version)
            .Select(n => (long)n["microseconds"]!),
    ];

    public void Dispose()
    {
        foreach (Process child in _children)
        {
            if (!child.HasExited)
            {
                child.Kill();
                child.WaitForExit();
            }

            child.Dispose();
        }

        _http?.Dispose();
        Capsule("down");
    }

    private JsonNode Send(HttpRequestMessage request)
    {
        using HttpResponseMessage answer = _http!.Send(request);
        using var reader = new StreamReader(answer.Content.ReadAsStream());
        string text = reader.ReadToEnd();
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new ToolException($"{request.RequestUri} answered {(int)answer.StatusCode}: {text}");
    }
}
