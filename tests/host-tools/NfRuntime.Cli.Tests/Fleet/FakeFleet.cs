using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;

namespace NfRuntime.Cli.Tests.Fleet;

/// <summary>A request that the fake got.</summary>
internal sealed record FleetCall(string Method, string Path, string Body, string? Authorization);

/// <summary>A controller that answers what a test tells it: the tool's side of the API alone is under test.</summary>
internal sealed class FakeFleet : IDisposable
{
    public const string Token = "an-operators-token";
    private readonly HttpListener _listener = new();
    private readonly ConcurrentDictionary<string, Queue<(int Status, string Body, string Type)>> _answers = new();
    private readonly Task _serving;

    public FakeFleet()
    {
        int port = FreePort();
        Url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/");
        _listener.Prefixes.Add(Url);
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    public string Url { get; }

    /// <summary>What its health says.</summary>
    public bool HasBroker { get; set; } = true;

    public ConcurrentQueue<FleetCall> Calls { get; } = new();

    /// <summary>Answers one request with JSON; several answers come one after the other, and the last one again and again.</summary>
    public FakeFleet Answer(string methodAndPath, params string[] bodies)
    {
        foreach (string body in bodies)
        {
            Queue(methodAndPath, 200, body, "application/json");
        }

        return this;
    }

    /// <summary>Answers with Server-Sent Events, and ends.</summary>
    public FakeFleet Events(string methodAndPath, string text) => Queue(methodAndPath, 200, text, "text/event-stream");

    public FakeFleet Refuse(string methodAndPath, int status, string body) => Queue(methodAndPath, status, body, "application/problem+json");

    public void Dispose()
    {
        _listener.Close();
        _serving.Wait(TimeSpan.FromSeconds(10));
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private FakeFleet Queue(string methodAndPath, int status, string body, string type)
    {
        Queue<(int, string, string)> queue = _answers.GetOrAdd(methodAndPath, _ => new Queue<(int, string, string)>());
        lock (queue)
        {
            queue.Enqueue((status, body, type));
        }

        return this;
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                await AnswerAsync(await _listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
            {
                // Closed, or the tool hung up.
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
        string path = context.Request.RawUrl!;
        if (path != "/v1/health")
        {
            Calls.Enqueue(new FleetCall(context.Request.HttpMethod, path, await reader.ReadToEndAsync(), context.Request.Headers["Authorization"]));
        }

        (int Status, string Body, string Type) answer = Next($"{context.Request.HttpMethod} {path}");
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.Type;
        context.Response.Close(Encoding.UTF8.GetBytes(answer.Body), willBlock: true);
    }

    private (int Status, string Body, string Type) Next(string methodAndPath)
    {
        if (!_answers.TryGetValue(methodAndPath, out Queue<(int Status, string Body, string Type)>? queue))
        {
            return methodAndPath == "GET /v1/health" ? (200, $$"""{ "status": "ok", "broker": {{(HasBroker ? "true" : "false")}} }""", "application/json") : (500, $"the test has no answer for {methodAndPath}", "text/plain");
        }

        lock (queue)
        {
            return queue.Count > 1 ? queue.Dequeue() : queue.Peek();
        }
    }
}
