using System.IO;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using NfRuntime.Fleet.Control;

namespace NfRuntime.Fleet.Api;

/// <summary>Bodies of requests: size before content.</summary>
internal static class Bodies
{
    public const int MaxBytes = 64 << 10;

    /// <exception cref="BadHttpRequestException">More bytes than <paramref name="max"/>.</exception>
    public static async Task<byte[]> ReadAsync(HttpContext context, int max)
    {
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = max;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        return body.ToArray();
    }

    /// <exception cref="BadHttpRequestException">More than <see cref="MaxBytes"/>.</exception>
    /// <exception cref="JsonException">Not the JSON that is asked for.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> shape)
        where T : class => JsonSerializer.Deserialize(await ReadAsync(context, MaxBytes).ConfigureAwait(false), shape) ?? throw FleetException.Wrong("the request is null");
}
