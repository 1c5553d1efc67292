using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.Data.Sqlite;
using NfRuntime.Images;

namespace NfRuntime.Fleet.Data;

/// <summary>What is stored of a device. Generations are below 2^63; times Unix ms; documents as they came.</summary>
internal sealed record DeviceRow(
    string Name, long Generation, long Seen, byte[]? Desired, bool Online, long LastSeen, byte[]? Cap, byte[]? State, long Malformed, string? MalformedLast, string Since);

/// <summary>A capsule manifest that was deployed once.</summary>
/// <param name="Digest">Of the manifest.</param>
/// <param name="Name">Of the capsule.</param>
/// <param name="Version">For people.</param>
/// <param name="Image">Digest of the image.</param>
/// <param name="Tag">As the operator named it, or null.</param>
/// <param name="Content">The manifest.</param>
internal sealed record ManifestRow(Digest Digest, string Name, string Version, string Image, string? Tag, byte[] Content);

/// <summary>A deployment; <paramref name="Targets"/> is JSON.</summary>
internal sealed record DeploymentRow(string Id, long At, string Action, string Capsule, string? Version, string? Image, string Targets);

/// <summary>An event as it is told.</summary>
internal sealed record EventRow(long Seq, string? Device, string Kind, string Data);

/// <summary>A delta that was made; <paramref name="Delta"/> null: it was not worth it.</summary>
internal sealed record DeltaRow(Digest? Delta, int Bytes);

/// <summary>The statements.</summary>
internal static class FleetRows
{
    public static List<DeviceRow> Devices(this FleetDatabase db) => db.Query(
        "SELECT name, generation, seen, desired, online, last_seen, cap, state, malformed, malformed_last, since FROM devices ORDER BY name",
        r => new DeviceRow(r.GetString(0), r.GetInt64(1), r.GetInt64(2), Blob(r, 3), r.GetBoolean(4), r.GetInt64(5), Blob(r, 6), Blob(r, 7), r.GetInt64(8), Text(r, 9), r.GetString(10)));

    public static void Save(this FleetDatabase db, DeviceRow d) => db.Execute(
        "INSERT OR REPLACE INTO devices VALUES ($name, $generation, $seen, $desired, $online, $last, $cap, $state, $malformed, $why, $since)",
        ("$name", d.Name), ("$generation", d.Generation), ("$seen", d.Seen), ("$desired", d.Desired), ("$online", d.Online), ("$last", d.LastSeen),
        ("$cap", d.Cap), ("$state", d.State), ("$malformed", d.Malformed), ("$why", d.MalformedLast), ("$since", d.Since));

    public static void Forget(this FleetDatabase db, string device)
    {
        db.Execute("DELETE FROM devices WHERE name = $name", ("$name", device));
        db.Execute("DELETE FROM stats WHERE device = $name", ("$name", device));
    }

    public static void Save(this FleetDatabase db, ManifestRow m) => db.Execute(
        "INSERT OR REPLACE INTO manifests VALUES ($digest, $name, $version, $image, $tag, $content)",
        ("$digest", m.Digest.Hex), ("$name", m.Name), ("$version", m.Version), ("$image", m.Image), ("$tag", m.Tag), ("$content", m.Content));

    public static List<ManifestRow> Manifests(this FleetDatabase db) => db.Query(
        "SELECT digest, name, version, image, tag, content FROM manifests",
        r => new ManifestRow(Digest.Parse("sha256:" + r.GetString(0)), r.GetString(1), r.GetString(2), r.GetString(3), Text(r, 4), r.GetFieldValue<byte[]>(5)));

    public static void Save(this FleetDatabase db, DeploymentRow d) => db.Execute(
        "INSERT OR REPLACE INTO deployments (id, at, action, capsule, version, image, targets, number, bytes) VALUES ($id, $at, $action, $capsule, $version, $image, $targets, CAST(substr($id, 2) AS INTEGER), length($targets))",
        ("$id", d.Id), ("$at", d.At), ("$action", d.Action), ("$capsule", d.Capsule), ("$version", d.Version), ("$image", d.Image), ("$targets", d.Targets));

    public static DeploymentRow? Deployment(this FleetDatabase db, string id) => db.Query(
        "SELECT id, at, action, capsule, version, image, targets FROM deployments WHERE id = $id", ReadDeployment, ("$id", id)).FirstOrDefault();

    /// <summary>The newest one that a device has a part in; <paramref name="capsule"/> null: of any capsule.</summary>
    public static DeploymentRow? NewestDeployment(this FleetDatabase db, string device, string? capsule) => db.Query(
        "SELECT id, at, action, capsule, version, image, targets FROM deployments WHERE ($capsule IS NULL OR capsule = $capsule) AND instr(targets, $device) > 0 ORDER BY number DESC LIMIT 1",
        ReadDeployment, ("$capsule", capsule), ("$device", $"\"device\":\"{device}\"")).FirstOrDefault();

    /// <summary>The next deployment's number; numbers of forgotten ones are not given again, since the newest one stays.</summary>
    public static long NextDeployment(this FleetDatabase db) => Convert.ToInt64(db.Scalar("SELECT COALESCE(MAX(number), 0) + 1 FROM deployments"), CultureInfo.InvariantCulture);

    /// <summary>Forgets the oldest deployments beyond so many, or beyond so many bytes of their targets; the newest one stays.</summary>
    /// <returns>How many.</returns>
    public static int PruneDeployments(this FleetDatabase db, long keep, long bytes) => db.Execute(
        """
        DELETE FROM deployments WHERE number IN (
          SELECT number FROM (SELECT number, ROW_NUMBER() OVER newest AS place, SUM(bytes) OVER newest AS total FROM deployments WINDOW newest AS (ORDER BY number DESC))
          WHERE place > 1 AND (place > $keep OR total > $bytes))
        """,
        ("$keep", keep), ("$bytes", bytes));

    public static HashSet<string> DeployedImages(this FleetDatabase db) => [.. db.Query("SELECT DISTINCT image FROM deployments WHERE image IS NOT NULL", r => r.GetString(0))];

    public static void ForgetManifest(this FleetDatabase db, Digest manifest) => db.Execute("DELETE FROM manifests WHERE digest = $digest", ("$digest", manifest.Hex));

    public static List<string> Retired(this FleetDatabase db) => db.Query("SELECT device FROM retired ORDER BY device", r => r.GetString(0));

    public static void AddRetired(this FleetDatabase db, string device) => db.Execute("INSERT OR REPLACE INTO retired VALUES ($device)", ("$device", device));

    public static void RemoveRetired(this FleetDatabase db, string device) => db.Execute("DELETE FROM retired WHERE device = $device", ("$device", device));

    public static long AddEvent(this FleetDatabase db, string? device, string kind, string data) => Convert.ToInt64(
        db.Scalar("INSERT INTO events (device, kind, data) VALUES ($device, $kind, $data) RETURNING seq", ("$device", device), ("$kind", kind), ("$data", data)), CultureInfo.InvariantCulture);

    /// <summary>Forgets the oldest events beyond so many, and first of all those of devices that have more than their share.</summary>
    public static void TrimEvents(this FleetDatabase db, long keep, long keepOfOne)
    {
        foreach (string device in db.Query("SELECT device FROM events WHERE device IS NOT NULL GROUP BY device HAVING COUNT(*) > $one", r => r.GetString(0), ("$one", keepOfOne)))
        {
            db.Execute(
                "DELETE FROM events WHERE device = $device AND seq <= (SELECT seq FROM events WHERE device = $device ORDER BY seq DESC LIMIT 1 OFFSET $one)",
                ("$device", device), ("$one", keepOfOne));
        }

        db.Execute("DELETE FROM events WHERE seq <= (SELECT seq FROM events ORDER BY seq DESC LIMIT 1 OFFSET $keep)", ("$keep", keep));
    }

    /// <summary>The number of the newest event that was ever added, 0 when there was none.</summary>
    public static long LastEvent(this FleetDatabase db) => Convert.ToInt64(db.Scalar("SELECT seq FROM sqlite_sequence WHERE name = 'events'") ?? 0L, CultureInfo.InvariantCulture);

    /// <summary>Forgets a device's events of a kind of which the newest is enough.</summary>
    public static void ForgetEvents(this FleetDatabase db, string device, string kind) => db.Execute("DELETE FROM events WHERE device = $device AND kind = $kind", ("$device", device), ("$kind", kind));

    public static List<EventRow> Events(this FleetDatabase db, long after, string? device, int limit) => db.Query(
        "SELECT seq, device, kind, data FROM events WHERE seq > $after AND ($device IS NULL OR device = $device) ORDER BY seq LIMIT $limit",
        r => new EventRow(r.GetInt64(0), Text(r, 1), r.GetString(2), r.GetString(3)), ("$after", after), ("$device", device), ("$limit", limit));

    public static void SaveStats(this FleetDatabase db, string device, string capsule, int place, string data) => db.Execute(
        "INSERT OR REPLACE INTO stats VALUES ($device, $capsule, $place, $data)", ("$device", device), ("$capsule", capsule), ("$place", place), ("$data", data));

    public static List<string> StatsCapsules(this FleetDatabase db, string device) => db.Query("SELECT DISTINCT capsule FROM stats WHERE device = $device", r => r.GetString(0), ("$device", device));

    public static void ForgetStats(this FleetDatabase db, string device, string capsule) => db.Execute("DELETE FROM stats WHERE device = $device AND capsule = $capsule", ("$device", device), ("$capsule", capsule));

    public static List<string> Stats(this FleetDatabase db, string? device) => db.Query(
        "SELECT data FROM stats WHERE $device IS NULL OR device = $device ORDER BY device, capsule, place", r => r.GetString(0), ("$device", device));

    public static DeltaRow? Delta(this FleetDatabase db, Digest from, Digest to) => db.Query(
        "SELECT delta, bytes FROM deltas WHERE base = $base AND target = $target",
        r => new DeltaRow(Text(r, 0) is { } hex ? Digest.Parse("sha256:" + hex) : null, r.GetInt32(1)), ("$base", from.Hex), ("$target", to.Hex)).FirstOrDefault();

    /// <summary>All deltas that were made, with their targets.</summary>
    public static List<(Digest Base, Digest Target, Digest? Delta)> Deltas(this FleetDatabase db) => db.Query(
        "SELECT base, target, delta FROM deltas",
        r => (Digest.Parse("sha256:" + r.GetString(0)), Digest.Parse("sha256:" + r.GetString(1)), Text(r, 2) is { } hex ? Digest.Parse("sha256:" + hex) : null));

    public static void ForgetDelta(this FleetDatabase db, Digest from, Digest to) => db.Execute("DELETE FROM deltas WHERE base = $base AND target = $target", ("$base", from.Hex), ("$target", to.Hex));

    public static void SaveDelta(this FleetDatabase db, Digest from, Digest to, DeltaRow delta) => db.Execute(
        "INSERT OR REPLACE INTO deltas VALUES ($base, $target, $delta, $bytes)", ("$base", from.Hex), ("$target", to.Hex), ("$delta", delta.Delta?.Hex), ("$bytes", delta.Bytes));

    public static byte[]? Setting(this FleetDatabase db, string key) => db.Scalar("SELECT value FROM settings WHERE key = $key", ("$key", key)) as byte[];

    public static void SaveSetting(this FleetDatabase db, string key, byte[] value) => db.Execute("INSERT OR REPLACE INTO settings VALUES ($key, $value)", ("$key", key), ("$value", value));

    private static DeploymentRow ReadDeployment(SqliteDataReader r) => new(r.GetString(0), r.GetInt64(1), r.GetString(2), r.GetString(3), Text(r, 4), Text(r, 5), r.GetString(6));

    private static string? Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static byte[]? Blob(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);
}
