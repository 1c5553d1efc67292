using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;
using NfRuntime.Fleet.Control;
using NfRuntime.Fleet.Data;

namespace NfRuntime.Fleet.Api;

/// <summary>Server-Sent Events: what is stored after a number, and with follow what comes. A client that was cut off goes on with Last-Event-ID.</summary>
internal static class EventStream
{
    private const int AtOnce = 256;
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    public static async Task WriteAsync(HttpContext context, FleetController controller, string? after, string? device, string? follow, CancellationToken stopping)
    {
        string? from = context.Request.Headers["Last-Event-ID"] is [{ } last] ? last : after;
        long seq = 0;
        if (from is not null && !long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out seq))
        {
            throw FleetException.Wrong("after is the number of an event");
        }

        seq = System.Math.Min(seq, controller.LastEvent()); // numbers begin anew with a new database: what is there is better than silence
        bool isFollowing = follow switch
        {
            null or "false" => false,
            "true" => true,
            _ => throw FleetException.Wrong("follow is true or false"),
        };
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        await context.Response.Body.FlushAsync(ended.Token).ConfigureAwait(false); // the client sees that it is connected before anything happens
        await RunAsync(context.Response.Body, controller, seq, device, isFollowing, ended.Token).ConfigureAwait(false);
    }

    private static async Task RunAsync(Stream body, FleetController controller, long seq, string? device, bool isFollowing, CancellationToken token)
    {
        while (true)
        {
            Task news = controller.NewsAsync(); // taken before reading: what comes between is read or announced
            IReadOnlyList<EventRow> events = controller.Events(seq, device, AtOnce);
            if (events.Count > 0)
            {
                var text = new StringBuilder();
                foreach (EventRow row in events)
                {
                    text.Append(CultureInfo.InvariantCulture, $"id: {row.Seq}\nevent: {row.Kind}\ndata: {row.Data}\n\n");
                    seq = row.Seq;
                }

                await SendAsync(body, text.ToString(), token).ConfigureAwait(false);
            }
            else if (!isFollowing)
            {
                await body.FlushAsync(token).ConfigureAwait(false);
                return;
            }
            else if (await Task.WhenAny(news, Task.Delay(KeepAlive, token)).ConfigureAwait(false) != news)
            {
                await SendAsync(body, ": still here\n\n", token).ConfigureAwait(false);
            }
        }
    }

    private static async Task SendAsync(Stream body, string text, CancellationToken token)
    {
        await body.WriteAsync(Encoding.UTF8.GetBytes(text), token).ConfigureAwait(false);
        await body.FlushAsync(token).ConfigureAwait(false);
    }
}
