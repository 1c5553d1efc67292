using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace NfRuntime.Runtime.Tests;

/// <summary>Dependencies point one way: rooms of the firmware by their includes, C# projects by their references.</summary>
public partial class ArchitectureTests
{
    // Room → the rooms whose headers it may include besides its own. Headers right in firmware/ belong to everybody.
    private static readonly Dictionary<string, string[]> _rooms = new()
    {
        ["port"] = [],
        ["capsule"] = ["port"],
        ["store"] = ["capsule", "port"],
        ["engine"] = [],
        ["managed"] = ["capsule"],
        ["interop"] = ["store", "engine", "managed", "capsule", "port"],
    };

    private static readonly Dictionary<string, string[]> _projects = new()
    {
        ["NfRuntime.Model"] = [],
        ["NfRuntime.Images"] = [],
        ["NfRuntime.Mosquitto"] = [], // a broker's client, on both sides of it: knows nothing of our protocol
        ["NfRuntime.Fleet"] = ["NfRuntime.Images", "NfRuntime.Mosquitto"],
        ["NfRuntime.Cli"] = ["NfRuntime.Model", "NfRuntime.Images", "NfRuntime.Fleet"],
        ["NfRuntime.Native"] = [],
        ["NfRuntime.Capsules"] = ["NfRuntime.Native"],
        ["NfRuntime.Agent"] = ["NfRuntime.Capsules", "NfRuntime.Native"],
        ["NfRuntime.VirtualDevice"] = ["NfRuntime.Agent", "NfRuntime.Capsules", "NfRuntime.Native", "NfRuntime.Mosquitto"],
        ["NfRuntime.Agent.M2Mqtt"] = ["NfRuntime.Agent"],
        ["FashionProcessor"] = ["NfRuntime.Capsules"],
        ["BoardAgent"] = ["NfRuntime.Agent.M2Mqtt"],
        ["mscorlib"] = [],
        ["nanoFramework.System.Text"] = ["mscorlib"],
        ["nanoFramework.Runtime.Native"] = ["mscorlib"],
        ["System.IO.Streams"] = ["mscorlib"],
        ["System.Net"] = ["mscorlib", "System.IO.Streams"],
        ["nanoFramework.M2Mqtt.Core"] = ["mscorlib"],
        ["nanoFramework.M2Mqtt"] = ["mscorlib", "nanoFramework.M2Mqtt.Core", "System.Net"],
    };

    [Fact]
    public void Firmware_rooms_include_only_what_they_may()
    {
        string firmware = Path.Combine(DeviceAssemblies.Root, "firmware");
        List<string> problems = [];
        int includes = 0;
        foreach (string file in Directory.EnumerateFiles(firmware, "*.*", SearchOption.AllDirectories).Where(f => f.EndsWith(".c", StringComparison.Ordinal) || f.EndsWith(".h", StringComparison.Ordinal)))
        {
            string room = RoomOf(firmware, file);
            if (room.Length == 0)
            {
                continue;
            }

            Assert.True(_rooms.ContainsKey(room), $"firmware/{room} is no room of the architecture");
            foreach (Match match in Include().Matches(File.ReadAllText(file)))
            {
                includes++;
                string? target = Resolve(firmware, file, match.Groups[1].Value);
                if (target is null)
                {
                    problems.Add($"{Path.GetRelativePath(firmware, file)}: \"{match.Groups[1].Value}\" lies outside firmware/");
                }
                else if (RoomOf(firmware, target) is { Length: > 0 } other && other != room && !_rooms[room].Contains(other))
                {
                    problems.Add($"{Path.GetRelativePath(firmware, file)} includes {Path.GetRelativePath(firmware, target)}");
                }
            }
        }

        Assert.Empty(problems);
        Assert.True(includes > 50, $"{includes} includes seen");
    }

    [Fact]
    public void Projects_reference_only_what_they_may()
    {
        List<string> problems = [];
        int seen = 0;
        foreach (string folder in new[] { "host-tools", "runtime", "boards", "samples" })
        {
            foreach (string project in Directory.EnumerateFiles(Path.Combine(DeviceAssemblies.Root, folder), "*.csproj", SearchOption.AllDirectories))
            {
                string name = Path.GetFileNameWithoutExtension(project);
                Assert.True(_projects.ContainsKey(name), $"{name} is no project of the architecture");
                seen++;
                problems.AddRange(XDocument.Load(project).Descendants("ProjectReference")
                    .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')))
                    .Where(r => !_projects[name].Contains(r))
                    .Select(r => $"{name} references {r}"));
            }
        }

        Assert.Empty(problems);
        Assert.True(seen >= 6, $"{seen} projects seen");
    }

    private static string RoomOf(string firmware, string file)
    {
        string[] parts = Path.GetRelativePath(firmware, file).Split('/');
        return parts.Length > 1 ? parts[0] : string.Empty;
    }

    // As the compiler finds it: beside the file, then in firmware/, then in a room's own folder.
    private static string? Resolve(string firmware, string file, string include)
    {
        string[] folders = [Path.GetDirectoryName(file)!, firmware, .. _rooms.Keys.Select(r => Path.Combine(firmware, r)), .. Directory.GetDirectories(Path.Combine(firmware, "port")), .. Directory.GetDirectories(Path.Combine(firmware, "engine", "kernels")), Path.Combine(firmware, "engine", "kernels")];
        return folders.Select(f => Path.GetFullPath(Path.Combine(f, include)))
            .FirstOrDefault(p => File.Exists(p) && p.StartsWith(firmware + "/", StringComparison.Ordinal));
    }

    [GeneratedRegex("^\\s*#\\s*include\\s+\"([^\"]+)\"", RegexOptions.Multiline)]
    private static partial Regex Include();
}
