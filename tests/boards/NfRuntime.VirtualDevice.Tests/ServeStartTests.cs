using System;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using NfRuntime.VirtualDevice.Serving;
using Xunit;

namespace NfRuntime.VirtualDevice.Tests;

/// <summary>What a process says and how it ends before it is a device.</summary>
public sealed class ServeStartTests : IDisposable
{
    private const string Root = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt
        6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==
        -----END PUBLIC KEY-----
        """; // the generator of P-256: a point, and nobody's key
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nfr-start-");
    private readonly TcpListener _silent = new(IPAddress.Loopback, 0);

    public ServeStartTests()
    {
        _silent.Start();
        File.WriteAllText(In("root.pub"), Root);
        File.WriteAllText(In("tokens"), "a-token\n");
    }

    public void Dispose()
    {
        _silent.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("serve", "--help")]
    [InlineData("run", "-h")]
    public async Task Help_is_an_answer_and_has_examples(params string[] arguments)
    {
        (int code, string output, string error) = await EndAsync(Start(arguments));
        Assert.Equal((0, string.Empty), (code, error));
        Assert.Contains("usage: nfr-device", output, StringComparison.Ordinal);
        Assert.Contains("examples:", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_while_it_enrols_ends_it_in_peace(string signal)
    {
        Process device = Serve();
        using TcpClient asked = await _silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken); // it waits for an answer now
        using (Process kill = Process.Start("kill", [$"-{signal}", $"{device.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal((0, string.Empty, string.Empty), await EndAsync(device));
    }

    [Theory]
    [InlineData("identity.json", "{}", "holds no identity")]
    [InlineData("identity.json", "nonsense", "holds no identity")]
    [InlineData("identity.json", "{\"tenant\":\"a/b\",\"broker\":\"h:1\"}", "a tenant's name that is none")]
    [InlineData("device.key", "-----BEGIN PRIVATE KEY-----\nMIGH", "holds no private key")]
    [InlineData("device.key", "", "holds no private key")]
    public async Task A_state_folder_that_is_damaged_is_said(string file, string content, string sentence)
    {
        Directory.CreateDirectory(In("state/g"));
        await File.WriteAllTextAsync(In("state/g/" + file), content, TestContext.Current.CancellationToken);
        (int code, string output, string error) = await EndAsync(Serve());
        Assert.Equal((1, string.Empty), (code, error));
        Assert.StartsWith("{\"error\":\"identity\"", output, StringComparison.Ordinal);
        Assert.Contains(sentence, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_key_is_its_owners_alone_and_whole_before_anything_is_sent()
    {
        Process device = Serve();
        using TcpClient asked = await _silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        Assert.Equal("device.key", Path.GetFileName(Assert.Single(Directory.GetFiles(In("state/g")))));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(In("state/g/device.key")) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.EndsWith("-----END PRIVATE KEY-----\n", await File.ReadAllTextAsync(In("state/g/device.key"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        device.Kill();
        await EndAsync(device);
    }

    [Fact]
    public async Task A_machine_without_libmosquitto_is_told_what_to_install()
    {
        string? library = Array.Find(Directory.GetDirectories("/usr/lib", "*-linux-gnu"), folder => File.Exists(folder + "/libmosquitto.so.1"));
        Assert.SkipWhen(library is null, "libmosquitto.so.1 is not in /usr/lib/*-linux-gnu: its absence was not tested");
        (int mounts, _, _) = await EndAsync(Process.Start(new ProcessStartInfo("unshare", ["-rm", "true"]) { RedirectStandardOutput = true, RedirectStandardError = true })!);
        Assert.SkipWhen(mounts != 0, "no mount namespace may be made here: the absence of libmosquitto was not tested");
        File.WriteAllText(In("pem"), Root);
        string command = $"mount --bind /dev/null {library}/libmosquitto.so.1 && exec \"$@\"";
        (int code, string output, string error) = await EndAsync(Process.Start(new ProcessStartInfo("unshare",
            [
                "-rm", "sh", "-c", command, "sh", Checkout.Device, "serve", "--name", "g", "--board", Checkout.Board, "--root-key", In("root.pub"), "--state-dir", In("state"),
                "--broker", "127.0.0.1:1", "--tenant", "t", "--cert", In("pem"), "--key", In("pem"), "--ca", In("pem"),
            ])
        { RedirectStandardOutput = true, RedirectStandardError = true })!);
        Assert.Equal((1, string.Empty), (code, error));
        Assert.Contains("libmosquitto.so.1 was not found: install it", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_board_with_negative_memory_is_refused()
    {
        File.WriteAllText(In("board.json"), File.ReadAllText(Checkout.Board).Replace("\"arenaBytes\": ", "\"arenaBytes\": -", StringComparison.Ordinal));
        Assert.Contains("arenaBytes is negative", Assert.Throws<RefusedException>(() => DeviceBoard.Read(In("board.json"))).Message, StringComparison.Ordinal);
    }

    private static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Checkout.Device, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    private static async Task<(int Code, string Output, string Error)> EndAsync(Process process)
    {
        using (process)
        {
            Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, output, await error);
        }
    }

    private Process Serve() => Start(
        "serve", "--name", "g", "--board", Checkout.Board, "--root-key", In("root.pub"), "--state-dir", In("state"),
        "--enrol", $"http://127.0.0.1:{((IPEndPoint)_silent.LocalEndpoint).Port}", "--token-file", In("tokens"));

    private string In(string name) => Path.Combine(_folder.FullName, name);
}
