using System;
using System.Text.Json.Serialization.Metadata;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using NfRuntime.Fleet.Control;
using NfRuntime.Fleet.Enrolment;

namespace NfRuntime.Fleet.Api;

/// <summary>Claims, enrolment, rotation, revocation and retirement of a tenant's devices: API.md.</summary>
/// <param name="authority">Does it.</param>
/// <param name="tenant">Whose devices.</param>
/// <param name="broker">host:port, as devices are told.</param>
public sealed class EnrolmentApi(EnrolmentAuthority authority, string tenant, string broker) : IDisposable
{
    private const int MaxWaiting = 500;
    private readonly SemaphoreSlim _turn = new(1);
    private int _waiting;

    internal void Map(WebApplication app, FleetController controller)
    {
        Post(app, "/v1/claims", ApiJson.Default.ClaimRequest, ApiJson.Default.ClaimView, (_, request) =>
        {
            (string token, DateTimeOffset expires) = authority.CreateToken(tenant, request.Device, TimeSpan.FromMinutes(request.Minutes));
            return Task.FromResult(new ClaimView(token, expires));
        });
        Post(app, "/v1/enrol", ApiJson.Default.EnrolRequest, ApiJson.Default.IdentityView, async (context, request) =>
        {
            EnrolledDevice device = await InTurnAsync(() => authority.EnrolAsync(request.Token, request.Device, Der(request.Csr), context.RequestAborted), context.RequestAborted).ConfigureAwait(false);
            controller.AddDevice(device.Device);
            return View(device);
        });
        Post(app, "/v1/devices/{device}/rotate", ApiJson.Default.RotateRequest, ApiJson.Default.IdentityView, async (context, request) =>
            View(await InTurnAsync(() => authority.RotateAsync(tenant, Device(context), Der(request.Csr), context.RequestAborted), context.RequestAborted).ConfigureAwait(false)));
        app.MapPost("/v1/devices/{device}/revoke", (RequestDelegate)(async context =>
        {
            await authority.RevokeAsync(tenant, Device(context), context.RequestAborted).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }));
        app.MapDelete("/v1/devices/{device}", (RequestDelegate)(context => RetireAsync(context, controller)));
    }

    public void Dispose() => _turn.Dispose();

    // First its credential, so that it cannot publish again what is cleared. Either of the two may know it alone.
    private async Task RetireAsync(HttpContext context, FleetController controller)
    {
        string device = Device(context);
        EnrolmentException? unknown = null;
        try
        {
            await authority.RetireAsync(tenant, device, context.RequestAborted).ConfigureAwait(false);
        }
        catch (EnrolmentException e) when (e.Refusal == EnrolmentRefusal.NoSuchDevice)
        {
            unknown = e;
        }

        try
        {
            controller.Retire(device);
        }
        catch (FleetException) when (unknown is null)
        {
            // It was enrolled and has never been heard.
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    // One at a time: each makes the broker reload, which takes its time, and a rush of new devices waits in line. Whoever is not let in yet may try.
    private async Task<T> InTurnAsync<T>(Func<Task<T>> change, CancellationToken token)
    {
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new FleetException(8002, StatusCodes.Status429TooManyRequests, "too many enrolments at a time", "Try again in a minute.");
        }

        try
        {
            await _turn.WaitAsync(token).ConfigureAwait(false);
            try
            {
                return await change().ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private static void Post<TRequest, TAnswer>(
        WebApplication app, string pattern, JsonTypeInfo<TRequest> request, JsonTypeInfo<TAnswer> answer, Func<HttpContext, TRequest, Task<TAnswer>> carry)
        where TRequest : class => app.MapPost(pattern, (RequestDelegate)(async context =>
    {
        TAnswer view = await carry(context, await Bodies.ReadAsync(context, request).ConfigureAwait(false)).ConfigureAwait(false);
        await context.Response.WriteAsJsonAsync(view, answer, cancellationToken: context.RequestAborted).ConfigureAwait(false);
    }));

    private IdentityView View(EnrolledDevice device) => new(device.Certificate, device.Ca, device.Tenant, broker);

    private static byte[] Der(string base64)
    {
        byte[] der = new byte[SigningRequests.MaxBytes];
        return Convert.TryFromBase64String(base64, der, out int length) ? der[..length] : throw FleetException.Wrong($"csr is no base64 of at most {SigningRequests.MaxBytes} bytes");
    }

    private static string Device(HttpContext context) => (string)context.Request.RouteValues["device"]!;
}
