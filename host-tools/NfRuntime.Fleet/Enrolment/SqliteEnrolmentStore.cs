using System;
using System.Collections.Generic;
using Microsoft.Data.Sqlite;

namespace NfRuntime.Fleet.Enrolment;

/// <summary>Enrolments in an SQLite file, in tables <c>enrolment_…</c>; the file may hold other tables too.</summary>
public sealed class SqliteEnrolmentStore : IEnrolmentStore
{
    private const string Tables = """
        CREATE TABLE IF NOT EXISTS enrolment_tokens(
          hash BLOB PRIMARY KEY, tenant TEXT NOT NULL, device TEXT, expires INTEGER NOT NULL, used_by BLOB) STRICT;
        CREATE TABLE IF NOT EXISTS enrolment_devices(
          tenant TEXT NOT NULL, device TEXT NOT NULL, revoked INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(tenant, device)) STRICT;
        CREATE TABLE IF NOT EXISTS enrolment_certificates(
          sequence INTEGER PRIMARY KEY, serial BLOB NOT NULL UNIQUE, key_hash BLOB NOT NULL UNIQUE, tenant TEXT NOT NULL, device TEXT NOT NULL,
          not_after INTEGER NOT NULL, der BLOB NOT NULL, revoked INTEGER NOT NULL DEFAULT 0) STRICT;
        CREATE INDEX IF NOT EXISTS enrolment_certificates_device ON enrolment_certificates(tenant, device);
        """;

    private readonly string _connectionString;

    /// <summary>Opens the file, or makes it.</summary>
    /// <exception cref="SqliteException">The file cannot be used.</exception>
    public SqliteEnrolmentStore(string path)
    {
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 10 }.ToString();
        using SqliteConnection connection = Open();
        Run(connection, "PRAGMA journal_mode=WAL");
        Run(connection, Tables);
    }

    public void AddToken(StoredToken token)
    {
        ArgumentNullException.ThrowIfNull(token);
        using SqliteConnection connection = Open();
        Run(connection, "INSERT INTO enrolment_tokens(hash, tenant, device, expires) VALUES($1, $2, $3, $4)", token.Hash, token.Tenant, token.Device, token.Expires.ToUnixTimeSeconds());
    }

    public StoredToken? FindToken(byte[] hash)
    {
        using SqliteConnection connection = Open();
        return Token(connection, hash);
    }

    public bool TryEnrol(byte[] tokenHash, string device, StoredCertificate certificate, DateTimeOffset now)
    {
        using SqliteConnection connection = Open();
        using SqliteTransaction transaction = connection.BeginTransaction();
        if (Token(connection, tokenHash) is not { UsedBy: null } token || token.Expires <= now || (token.Device is not null && token.Device != device))
        {
            return false;
        }

        bool done = Run(connection, "INSERT OR IGNORE INTO enrolment_devices(tenant, device) VALUES($1, $2)", token.Tenant, device) == 1
            && Insert(connection, token.Tenant, device, certificate)
            && Run(connection, "UPDATE enrolment_tokens SET used_by = $2 WHERE hash = $1 AND used_by IS NULL", tokenHash, certificate.KeyHash) == 1;
        return Commit(transaction, done);
    }

    public bool TryRotate(string tenant, string device, StoredCertificate certificate, int keep)
    {
        using SqliteConnection connection = Open();
        using SqliteTransaction transaction = connection.BeginTransaction();
        if (State(connection, tenant, device) != DeviceEnrolment.Active)
        {
            return false;
        }

        const string older = """
            UPDATE enrolment_certificates SET revoked = 1 WHERE tenant = $1 AND device = $2 AND revoked = 0 AND sequence NOT IN
              (SELECT sequence FROM enrolment_certificates WHERE tenant = $1 AND device = $2 AND revoked = 0 ORDER BY sequence DESC LIMIT $3)
            """;
        Run(connection, older, tenant, device, keep);
        return Commit(transaction, Insert(connection, tenant, device, certificate));
    }

    public DeviceEnrolment Find(string tenant, string device)
    {
        using SqliteConnection connection = Open();
        return State(connection, tenant, device);
    }

    public IReadOnlyList<StoredCertificate> Certificates(string tenant, string device) => Read(
        "SELECT serial, key_hash, not_after, der, revoked FROM enrolment_certificates WHERE tenant = $1 AND device = $2 ORDER BY sequence",
        r => new StoredCertificate((byte[])r[0], (byte[])r[1], DateTimeOffset.FromUnixTimeSeconds(r.GetInt64(2)), (byte[])r[3], r.GetBoolean(4)),
        tenant,
        device);

    public bool Revoke(string tenant, string device, bool forget)
    {
        using SqliteConnection connection = Open();
        using SqliteTransaction transaction = connection.BeginTransaction();
        Run(connection, "UPDATE enrolment_certificates SET revoked = 1 WHERE tenant = $1 AND device = $2", tenant, device);
        string end = forget ? "DELETE FROM enrolment_devices WHERE tenant = $1 AND device = $2" : "UPDATE enrolment_devices SET revoked = 1 WHERE tenant = $1 AND device = $2";
        return Commit(transaction, Run(connection, end, tenant, device) == 1);
    }

    public IReadOnlyList<(string Tenant, string Device, DeviceEnrolment State)> Devices() => Read(
        "SELECT tenant, device, revoked FROM enrolment_devices ORDER BY tenant, device",
        r => (r.GetString(0), r.GetString(1), r.GetBoolean(2) ? DeviceEnrolment.Revoked : DeviceEnrolment.Active));

    public IReadOnlyList<byte[]> RevokedSerials(DateTimeOffset now) =>
        Read("SELECT serial FROM enrolment_certificates WHERE revoked = 1 AND not_after > $1 ORDER BY sequence", r => (byte[])r[0], now.ToUnixTimeSeconds());

    private static StoredToken? Token(SqliteConnection connection, byte[] hash)
    {
        using SqliteCommand command = Command(connection, "SELECT tenant, device, expires, used_by FROM enrolment_tokens WHERE hash = $1", hash);
        using SqliteDataReader reader = command.ExecuteReader();
        return reader.Read()
            ? new StoredToken(hash, reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), DateTimeOffset.FromUnixTimeSeconds(reader.GetInt64(2)), reader.IsDBNull(3) ? null : (byte[])reader[3])
            : null;
    }

    private static DeviceEnrolment State(SqliteConnection connection, string tenant, string device)
    {
        using SqliteCommand command = Command(connection, "SELECT revoked FROM enrolment_devices WHERE tenant = $1 AND device = $2", tenant, device);
        return command.ExecuteScalar() switch
        {
            null => DeviceEnrolment.None,
            0L => DeviceEnrolment.Active,
            _ => DeviceEnrolment.Revoked,
        };
    }

    // False: the key (or, not to be expected, the serial) is known.
    private static bool Insert(SqliteConnection connection, string tenant, string device, StoredCertificate certificate) => Run(
        connection,
        "INSERT OR IGNORE INTO enrolment_certificates(serial, key_hash, tenant, device, not_after, der) VALUES($1, $2, $3, $4, $5, $6)",
        certificate.Serial,
        certificate.KeyHash,
        tenant,
        device,
        certificate.NotAfter.ToUnixTimeSeconds(),
        certificate.Der) == 1;

    // A transaction that is not committed is undone when it is disposed of.
    private static bool Commit(SqliteTransaction transaction, bool done)
    {
        if (done)
        {
            transaction.Commit();
        }

        return done;
    }

    private static int Run(SqliteConnection connection, string sql, params object?[] values)
    {
        using SqliteCommand command = Command(connection, sql, values);
        return command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, params object?[] values)
    {
        SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // every text is a constant of this file; values go as parameters
        command.CommandText = sql;
#pragma warning restore CA2100
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"${i + 1}", values[i] ?? DBNull.Value);
        }

        return command;
    }

    private List<T> Read<T>(string sql, Func<SqliteDataReader, T> row, params object?[] values)
    {
        using SqliteConnection connection = Open();
        using SqliteCommand command = Command(connection, sql, values);
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }
}
