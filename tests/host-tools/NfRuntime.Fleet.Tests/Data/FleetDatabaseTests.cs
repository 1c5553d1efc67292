using System;
using System.IO;
using Microsoft.Data.Sqlite;
using NfRuntime.Fleet.Data;
using NfRuntime.Fleet.Tests.Broker;
using Xunit;

namespace NfRuntime.Fleet.Tests.Data;

public sealed class FleetDatabaseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "fleet.db");

    [Fact]
    public void WhatWasCommittedIsThereAgainAndWhatWasNotIsGone()
    {
        using (var database = new FleetDatabase(File))
        {
            database.Begin();
            database.SaveSetting("a", [1]);
            Assert.True(database.Commit());
            database.Begin();
            database.SaveSetting("b", [2]);
        }

        using var again = new FleetDatabase(File);
        Assert.Equal([1], again.Setting("a")!);
        Assert.Null(again.Setting("b"));
        Assert.False(again.Commit());
        Assert.Equal("wal", again.Scalar("PRAGMA journal_mode"));
    }

    [Fact]
    public void ANewerDatabaseIsRefusedAndLeftAsItIs()
    {
        using (var database = new FleetDatabase(File))
        {
            database.Execute("PRAGMA user_version = 99");
        }

        Assert.Contains("version 99", Assert.Throws<FleetDatabaseException>(() => new FleetDatabase(File)).Message, StringComparison.Ordinal);
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        Assert.Equal(99L, command.ExecuteScalar());
    }

    [Fact]
    public void WhatIsNoDatabaseIsRefused()
    {
        System.IO.File.WriteAllText(File, new string('x', 5000));
        Assert.Throws<FleetDatabaseException>(() => new FleetDatabase(File));
        Assert.Throws<FleetDatabaseException>(() => new FleetDatabase(Path.Combine(_folder.Path, "nowhere", "fleet.db")));
    }

    [Fact]
    public void OnlyItsOwnerCanReadIt()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no file modes here");
        using var database = new FleetDatabase(File);
#pragma warning disable CA1416 // skipped above
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
#pragma warning restore CA1416
    }

    [Fact]
    public void EventsAreNumberedAndTheOldestAreForgotten()
    {
        using var database = new FleetDatabase(File);
        for (int i = 1; i <= 10; i++)
        {
            Assert.Equal(i, database.AddEvent(i % 2 == 0 ? "a" : "b", "log", "{}"));
        }

        database.TrimEvents(4, 100);
        Assert.Equal([7, 8, 9, 10], database.Events(0, null, 100).ConvertAll(e => e.Seq));
        Assert.Equal([8, 10], database.Events(7, "a", 100).ConvertAll(e => e.Seq));
        Assert.Equal(11, database.AddEvent(null, "log", "{}"));
    }

    [Fact]
    public void ADeviceThatTalksAllTheTimeForgetsItsOwnEvents()
    {
        using var database = new FleetDatabase(File);
        database.AddEvent("quiet", "log", "{}");
        for (int i = 0; i < 200; i++)
        {
            database.AddEvent("noisy", "log", "{}");
            database.TrimEvents(100, 25);
        }

        Assert.Single(database.Events(0, "quiet", 100));
        Assert.Equal(25, database.Events(0, "noisy", 100).Count);
    }

    [Fact]
    public void OneControllerAtATimeUsesIt()
    {
        using (new FleetDatabase(File))
        {
            Assert.Contains("another controller", Assert.Throws<FleetDatabaseException>(() => new FleetDatabase(File)).Message, StringComparison.Ordinal);
        }

        using var again = new FleetDatabase(File);
    }

    [Fact]
    public void DeploymentsOfTheFirstSchemaAreCounted()
    {
        using (var connection = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // a constant of the assembly under test
            command.CommandText = Migrations.All[0] + "INSERT INTO deployments VALUES ('r9', 1, 'deploy', 'c', NULL, NULL, '[]'), ('r10', 1, 'deploy', 'c', NULL, NULL, '[]'); PRAGMA user_version = 1";
#pragma warning restore CA2100
            command.ExecuteNonQuery();
        }

        using var database = new FleetDatabase(File);
        Assert.Equal(11, database.NextDeployment());
    }

    public void Dispose() => _folder.Dispose();
}
