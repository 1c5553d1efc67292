using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;

namespace NfRuntime.Images.Building;

/// <summary>
/// The config of a manifest: what people and fleets want to know without a device's formats. A device never reads it, and nothing is decided
/// by it: the signed capsule manifest is what counts.
/// </summary>
public sealed record CapsuleConfig(
    string Name,
    string Version,
    uint SecurityCounter,
    string Target,
    string ModelName,
    Digest ModelDigest,
    string CompilerVersion,
    string SdkVersion,
    CapsuleNeeds Needs,
    IReadOnlyDictionary<string, long> Figures)
{
    private const int MaxFigures = 256;
    private const string What = "the capsule's config";

    /// <summary>The canonical form.</summary>
    public byte[] Write() => OciWriter.Document(json =>
    {
        json.WriteString("name", Name);
        json.WriteString("version", Version);
        json.WriteNumber("securityCounter", SecurityCounter);
        json.WriteString("target", Target);
        json.WriteStartObject("model");
        json.WriteString("name", ModelName);
        json.WriteString("digest", ModelDigest.ToString());
        json.WriteEndObject();
        json.WriteString("compiler", CompilerVersion);
        json.WriteString("sdk", SdkVersion);
        json.WriteStartObject("needs");
        json.WriteNumber("stateBytes", Needs.StateBytes);
        json.WriteNumber("arenaBytes", Needs.ArenaBytes);
        json.WriteNumber("inputCopyBytes", Needs.InputCopyBytes);
        json.WriteNumber("stackBytes", Needs.StackBytes);
        json.WriteNumber("deadlineMs", Needs.DeadlineMs);
        json.WriteNumber("managedHeapBytes", Needs.ManagedHeapBytes);
        json.WriteEndObject();
        json.WriteStartObject("figures");
        foreach ((string name, long value) in Figures.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            json.WriteNumber(name, value);
        }

        json.WriteEndObject();
    });

    /// <exception cref="ContentException">Not a config.</exception>
    public static CapsuleConfig Read(ReadOnlyMemory<byte> utf8) => StrictJson.Read(utf8, What, root =>
    {
        JsonElement model = StrictJson.Member(root, "model", JsonValueKind.Object, What);
        return new CapsuleConfig(
            StrictJson.String(root, "name", What),
            StrictJson.String(root, "version", What),
            (uint)StrictJson.Integer(root, "securityCounter", uint.MaxValue, What),
            StrictJson.String(root, "target", What),
            StrictJson.String(model, "name", What),
            Digest.TryParse(StrictJson.String(model, "digest", What), out Digest? digest) ? digest : throw StrictJson.Malformed(What, "has a model digest that is none"),
            StrictJson.String(root, "compiler", What),
            StrictJson.String(root, "sdk", What),
            ReadNeeds(StrictJson.Member(root, "needs", JsonValueKind.Object, What)),
            ReadFigures(StrictJson.Member(root, "figures", JsonValueKind.Object, What)));
    });

    private static CapsuleNeeds ReadNeeds(JsonElement needs)
    {
        uint Bytes(string name) => (uint)StrictJson.Integer(needs, name, uint.MaxValue, What);
        return new CapsuleNeeds(
            Bytes("stateBytes"), Bytes("arenaBytes"), Bytes("inputCopyBytes"), Bytes("stackBytes"), Bytes("deadlineMs"), Bytes("managedHeapBytes"));
    }

    private static SortedDictionary<string, long> ReadFigures(JsonElement figures)
    {
        var map = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (JsonProperty figure in figures.EnumerateObject())
        {
            map.Add(figure.Name, figure.Value.ValueKind == JsonValueKind.Number && figure.Value.TryGetInt64(out long value)
                ? value
                : throw StrictJson.Malformed(What, "has a figure that is no integer"));
            if (map.Count > MaxFigures)
            {
                throw new ContentException(ContentError.TooLarge, $"{What} has more than {MaxFigures} figures");
            }
        }

        return map;
    }
}
