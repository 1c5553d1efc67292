using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using Microsoft.Data.Sqlite;

namespace NfRuntime.Fleet.Data;

/// <summary>
/// The controller's one SQLite file (WAL). Not thread-safe: the controller's lock guards it. Everything between <see cref="Begin"/> and
/// <see cref="Commit"/> is one step: a process that dies leaves before or after.
/// </summary>
public sealed class FleetDatabase : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly FileStream _held;
    private SqliteTransaction? _transaction;

    /// <param name="path">The file; made when it is not there.</param>
    /// <exception cref="FleetDatabaseException">It cannot be opened, is no such database, was written by a newer version, or another process holds it.</exception>
    public FleetDatabase(string path)
    {
        string full = Path.GetFullPath(path);
        _held = Hold(full);
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = full, Pooling = false }.ToString());
        try
        {
            _connection.Open();
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(full, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            Execute("PRAGMA journal_mode = WAL");
            Execute("PRAGMA synchronous = NORMAL");
            Migrate();
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            _connection.Dispose();
            _held.Dispose();
            throw new FleetDatabaseException($"the database {full} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Begins a step, unless one has begun.</summary>
    public void Begin() => _transaction ??= _connection.BeginTransaction();

    /// <summary>Ends the step, if there is one. True: there was.</summary>
    public bool Commit()
    {
        SqliteTransaction? transaction = _transaction;
        _transaction = null;
        transaction?.Commit();
        transaction?.Dispose();
        return transaction is not null;
    }

    /// <summary>Takes back the step, if there is one.</summary>
    public void RollBack()
    {
        SqliteTransaction? transaction = _transaction;
        _transaction = null;
        transaction?.Rollback();
        transaction?.Dispose();
    }

    /// <summary>From here on a commit is on the disk before it returns (true), or may be lost in a power cut (false).</summary>
    public void SetDurable(bool durable)
    {
        Commit();
        Execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    }

    public void Dispose()
    {
        RollBack();
        _connection.Dispose();
        _held.Dispose();
    }

    /// <summary>Runs a statement.</summary>
    /// <returns>Rows that were changed.</returns>
    internal int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using SqliteCommand command = Command(sql, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>The first value of the first row, or null.</summary>
    internal object? Scalar(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using SqliteCommand command = Command(sql, parameters);
        return command.ExecuteScalar() is { } value and not DBNull ? value : null;
    }

    /// <summary>All rows.</summary>
    internal List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using SqliteCommand command = Command(sql, parameters);
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    // Two controllers on one file would each give the generations of the other again. Whoever dies lets go.
    private static FileStream Hold(string database)
    {
        try
        {
            return new FileStream(database + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new FleetDatabaseException($"the database {database} cannot be used: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FleetDatabaseException($"the database {database} cannot be held: another controller uses it, or its folder cannot be written ({e.Message})", e);
        }
    }

    private SqliteCommand Command(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
#pragma warning disable CA2100 // Every statement is a constant of this assembly; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Transaction = _transaction;
        foreach ((string name, object? value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }

    private void Migrate()
    {
        long version = Convert.ToInt64(Scalar("PRAGMA user_version"), CultureInfo.InvariantCulture);
        if (version > Migrations.All.Count)
        {
            throw new FleetDatabaseException($"the database is of version {version}; this controller knows {Migrations.All.Count}. Use the newer controller.");
        }

        for (int next = (int)version; next < Migrations.All.Count; next++)
        {
            Begin();
            Execute(Migrations.All[next]);
            Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {next + 1}"));
            Commit();
        }
    }
}

/// <summary>A database that cannot be used.</summary>
public sealed class FleetDatabaseException(string message, Exception? inner = null) : Exception(message, inner);
