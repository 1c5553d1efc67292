using System;
using System.Text.Json;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using NfRuntime.Fleet.Broker;
using NfRuntime.Fleet.Control;
using NfRuntime.Fleet.Data;
using NfRuntime.Fleet.Enrolment;

namespace NfRuntime.Fleet.Api;

/// <summary>Errors as RFC 9457 problem details; a defect says nothing of the inside.</summary>
internal static class Problems
{
    private const int Other = 8002;
    private const int Unknown = 8004;
    private const int NotNow = 8005;
    private const int Wrong = 8006;
    private const int BadClaim = 8007;

    public static void Use(WebApplication app, Action<string> log) => app.Use(async (context, next) =>
    {
        try
        {
            await next(context).ConfigureAwait(false);
            if (!context.Response.HasStarted && context.Response.StatusCode is 404 or 405 or 415)
            {
                await WriteAsync(context, context.Response.StatusCode, Unknown, $"there is no {context.Request.Method} {context.Request.Path}", "host-tools/NfRuntime.Fleet/API.md lists what there is.").ConfigureAwait(false);
            }
        }
        catch (FleetException e)
        {
            await WriteAsync(context, e.Status, e.Code, e.Message, e.Remedy).ConfigureAwait(false);
        }
        catch (EnrolmentException e)
        {
            (int status, int code, string? remedy) = e.Refusal switch
            {
                EnrolmentRefusal.Token => (StatusCodes.Status403Forbidden, BadClaim, "Ask the operator for a new claim token."),
                EnrolmentRefusal.Request => (StatusCodes.Status400BadRequest, Wrong, (string?)null),
                EnrolmentRefusal.NoSuchDevice => (StatusCodes.Status404NotFound, Unknown, "capsule devices lists those that are known."),
                _ => (StatusCodes.Status409Conflict, 8005, "capsule device rotate renews an identity; capsule device retire forgets a device, which can enrol again then."),
            };
            await WriteAsync(context, status, code, e.Message, remedy).ConfigureAwait(false);
        }
        catch (BrokerException e)
        {
            log($"{context.Request.Method} {context.Request.Path}: {e.Message}");
            await WriteAsync(context, StatusCodes.Status503ServiceUnavailable, Other, e.Message, "It is done as soon as the broker runs again; look into its log.").ConfigureAwait(false);
        }
        catch (FleetDatabaseException e)
        {
            log($"{context.Request.Method} {context.Request.Path}: {e.Message}");
            await WriteAsync(context, StatusCodes.Status503ServiceUnavailable, Other, e.Message, "Look whether its disk is full; the controller ends, and goes on from its database when it is started again.").ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            await WriteAsync(context, e.StatusCode, Wrong, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? "the request is too large" : "the request is malformed", null).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            await WriteAsync(context, StatusCodes.Status400BadRequest, Wrong, $"the request is not the JSON that is asked for (line {e.LineNumber}, byte {e.BytePositionInLine}: {e.Path})", null).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = 499; // nobody reads it: the client has gone
        }
#pragma warning disable CA1031 // The last line: one failing request must not end the server, and must not show its inside.
        catch (Exception e)
#pragma warning restore CA1031
        {
            log($"{context.Request.Method} {context.Request.Path} failed: {e}");
            await WriteAsync(context, StatusCodes.Status500InternalServerError, Other, "the controller failed; its log says why", null).ConfigureAwait(false);
        }
    });

    public static Task WriteAsync(HttpContext context, int status, int code, string detail, string? remedy)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        context.Response.Clear();
        context.Response.StatusCode = status;
        var problem = new ProblemView("about:blank", Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status), status, detail, $"CAPSULE{code:D4}", remedy);
        return context.Response.WriteAsJsonAsync(problem, ApiJson.Default.ProblemView, "application/problem+json", context.RequestAborted);
    }
}
