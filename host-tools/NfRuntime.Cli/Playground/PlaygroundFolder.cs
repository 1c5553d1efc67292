using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Text.Json.Serialization;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;

namespace NfRuntime.Cli.Playground;

/// <summary>Where the playground lies: in $NFR_HOME/playground, readable by its owner alone.</summary>
internal sealed class PlaygroundFolder
{
    public PlaygroundFolder(ToolHome home)
    {
        Home = home;
        Root = home.Playground;
    }

    public ToolHome Home { get; }

    public string Root { get; }

    /// <summary>The broker's, with its authority.</summary>
    public string Broker => Path.Combine(Root, "broker");

    /// <summary>The controller's database.</summary>
    public string Database => Path.Combine(Root, "controller.db");

    /// <summary>What the controller computes for the distributor.</summary>
    public string Deltas => Path.Combine(Root, "deltas");

    /// <summary>A folder a device: key, certificate, flash.</summary>
    public string Devices => Path.Combine(Root, "devices");

    /// <summary>Claim tokens for the devices that are to enrol.</summary>
    public string Tokens => Path.Combine(Root, "claims");

    public string Context => FleetContext.FileIn(Home);

    private string Processes => Path.Combine(Root, "processes.json");

    private string Settings => Path.Combine(Root, "settings.json");

    public string Log(string name) => Path.Combine(Root, name + ".log");

    public void Create()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Root);
            return;
        }

        Directory.CreateDirectory(Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>What <c>capsule up</c> started, in that order; empty when nothing is known.</summary>
    public IReadOnlyList<ChildProcess> ReadProcesses() => Read(Processes, PlaygroundShapes.Default.ChildProcessArray) ?? [];

    public void WriteProcesses(IReadOnlyList<ChildProcess> processes) =>
        AtomicFile.WritePrivate(Processes, JsonSerializer.SerializeToUtf8Bytes([.. processes], PlaygroundShapes.Default.ChildProcessArray));

    /// <summary>What stays the same from one start to the next; null before the first.</summary>
    public PlaygroundSettings? ReadSettings() => Read(Settings, PlaygroundShapes.Default.PlaygroundSettings);

    public void WriteSettings(PlaygroundSettings settings) =>
        AtomicFile.WritePrivate(Settings, JsonSerializer.SerializeToUtf8Bytes(settings, PlaygroundShapes.Default.PlaygroundSettings));

    // A file that cannot be read is as good as none: the next start writes it again.
    private static T? Read<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> shape)
        where T : class
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), shape) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What stays the same from one start to the next, so that devices find their broker again.</summary>
/// <param name="BrokerPort">On loopback, TLS.</param>
/// <param name="ApiPort">On loopback.</param>
/// <param name="Token">The operator's.</param>
/// <param name="Devices">How many.</param>
/// <param name="Board">A board.json.</param>
/// <param name="Registry">Where devices and distributors find blobs; null: nowhere but here.</param>
internal sealed record PlaygroundSettings(int BrokerPort, int ApiPort, string Token, int Devices, string Board, PlaygroundRegistry? Registry = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ChildProcess[]))]
[JsonSerializable(typeof(PlaygroundSettings))]
internal sealed partial class PlaygroundShapes : JsonSerializerContext;
