using System;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using NfRuntime.Fleet.Control;
using NfRuntime.Fleet.Distribution;
using NfRuntime.Fleet.Enrolment;

namespace NfRuntime.Fleet.Api;

/// <summary>Claims, enrolment, rotation, revocation and retirement of a tenant's devices: API.md.</summary>
/// <param name="authority">Does it.</param>
/// <param name="tenant">Whose devices.</param>
/// <param name="broker">host:port, as devices are told.</param>
public sealed class EnrolmentApi(EnrolmentAuthority authority, string tenant, string broker)
{
    private const int EnrolmentsPerSecond = 20;
    private readonly System.Threading.Lock _gate = new();
    private readonly TokenBucket _allowance = new(Environment.TickCount64 - 1000);

    internal void Map(WebApplication app, FleetController controller)
    {
        Post(app, "/v1/claims", ApiJson.Default.ClaimRequest, ApiJson.Default.ClaimView, (_, request) =>
        {
            (string token, DateTimeOffset expires) = authority.CreateToken(tenant, request.Device, TimeSpan.FromMinutes(request.Minutes));
            return Task.FromResult(new ClaimView(token, expires));
        });
        Post(app, "/v1/enrol", ApiJson.Default.EnrolRequest, ApiJson.Default.IdentityView, async (context, request) =>
        {
            Limit();
            EnrolledDevice device = await authority.EnrolAsync(request.Token, request.Device, Der(request.Csr), context.RequestAborted).ConfigureAwait(false);
            controller.AddDevice(device.Device);
            return View(device);
        });
        Post(app, "/v1/devices/{device}/rotate", ApiJson.Default.RotateRequest, ApiJson.Default.IdentityView, async (context, request) =>
            View(await authority.RotateAsync(tenant, Device(context), Der(request.Csr), context.RequestAborted).ConfigureAwait(false)));
        app.MapPost("/v1/devices/{device}/revoke", (RequestDelegate)(async context =>
        {
            await authority.RevokeAsync(tenant, Device(context), context.RequestAborted).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }));
        app.MapDelete("/v1/devices/{device}", (RequestDelegate)(context => RetireAsync(context, controller)));
    }

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

    // Whoever is not yet let in may try; a token cannot be guessed, and the broker is not to be reloaded all the time.
    private void Limit()
    {
        lock (_gate)
        {
            _allowance.Fill(Environment.TickCount64, EnrolmentsPerSecond, EnrolmentsPerSecond);
            if (!_allowance.Has(1))
            {
                throw new FleetException(8002, StatusCodes.Status429TooManyRequests, "too many enrolments at a time", "Try again in a second.");
            }

            _allowance.Take(1);
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
