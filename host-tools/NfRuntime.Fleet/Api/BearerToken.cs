using System;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace NfRuntime.Fleet.Api;

/// <summary>Lets nobody in without the operator's token, but to health and enrolment. Compared in constant time.</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer ";

    public static void Use(WebApplication app, string token)
    {
        byte[] expected = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        app.Use(async (context, next) =>
        {
            if (IsOpen(context.Request.Path) || IsRight(context.Request, expected))
            {
                await next(context).ConfigureAwait(false);
                return;
            }

            await Problems.WriteAsync(context, StatusCodes.Status401Unauthorized, 8003, "no operator's token, or a wrong one", "Send Authorization: Bearer <token>.").ConfigureAwait(false);
        });
    }

    private static bool IsOpen(PathString path) => path == "/v1/health" || path == "/v1/enrol";

    // Hashes have one length, so that not even the token's length shows in the time.
    private static bool IsRight(HttpRequest request, byte[] expected) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..])), expected);
}
