using System.Collections.Generic;

namespace NfRuntime.Fleet.Data;

/// <summary>The schema, one step a version; a step that was released is never changed.</summary>
internal static class Migrations
{
    public static IReadOnlyList<string> All { get; } =
    [
        """
        CREATE TABLE devices (
          name TEXT PRIMARY KEY, generation INTEGER NOT NULL, seen INTEGER NOT NULL, desired BLOB, online INTEGER NOT NULL, last_seen INTEGER NOT NULL,
          cap BLOB, state BLOB, malformed INTEGER NOT NULL, malformed_last TEXT, since TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE manifests (
          digest TEXT PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, image TEXT NOT NULL, tag TEXT, content BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE deployments (
          id TEXT PRIMARY KEY, at INTEGER NOT NULL, action TEXT NOT NULL, capsule TEXT NOT NULL, version TEXT, image TEXT, targets TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE events (seq INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT, kind TEXT NOT NULL, data TEXT NOT NULL);
        CREATE TABLE stats (
          device TEXT NOT NULL, capsule TEXT NOT NULL, place INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (device, capsule, place)) WITHOUT ROWID;
        CREATE TABLE deltas (base TEXT NOT NULL, target TEXT NOT NULL, delta TEXT, bytes INTEGER NOT NULL, PRIMARY KEY (base, target)) WITHOUT ROWID;
        CREATE TABLE settings (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        """,
        """
        CREATE INDEX events_by_device ON events (device, kind);
        CREATE TABLE retired (device TEXT PRIMARY KEY) WITHOUT ROWID;
        ALTER TABLE deployments ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE deployments ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
        UPDATE deployments SET number = CAST(substr(id, 2) AS INTEGER), bytes = length(targets);
        CREATE INDEX deployments_by_number ON deployments (number);
        """,
    ];
}
