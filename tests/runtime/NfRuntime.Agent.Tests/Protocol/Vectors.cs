using System;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace NfRuntime.Agent.Tests.Protocol;

/// <summary>tests/vectors/protocol, which the host's implementation is tested against as well.</summary>
internal static class Vectors
{
    /// <summary>The checkout's root.</summary>
    public static string Root { get; } = FindRoot();

    public static JsonElement Load(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Root, "tests", "vectors", "protocol", file)));
        return document.RootElement.Clone();
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !folder.EnumerateFiles("nf-runtime.sln").Any())
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("the checkout's root");
    }

    public static string Text(this JsonElement element, string property) => element.GetProperty(property).GetString()!;

    public static byte[] Hex(this JsonElement element, string property) => Convert.FromHexString(element.Text(property));

    /// <summary>Bytes as documents.json says them.</summary>
    public static byte[] Bytes(this JsonElement element) => Convert.FromHexString(element.GetString()!["hex:".Length..]);

    /// <summary>An integer, which is a text when it is large.</summary>
    public static ulong Number(this JsonElement element) => element.ValueKind == JsonValueKind.String ? ulong.Parse(element.GetString()!) : element.GetUInt64();

    public static int Int(this JsonElement element) => element.GetInt32();

    /// <summary>The element of an array, or of a map by its key.</summary>
    public static JsonElement At(this JsonElement element, int key) =>
        element.ValueKind == JsonValueKind.Array ? element[key] : element.GetProperty(key.ToString());

    public static bool Has(this JsonElement element, int key) => element.TryGetProperty(key.ToString(), out _);
}
