using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Images.Oci;

namespace NfRuntime.Images.Registry;

/// <summary>
/// Logins by registry in one file that only its owner may read (mode 0600): <c>{"version":1,"registries":{"host:port":{"user","password"}}}</c>.
/// A file with wider rights is not used. Changes replace the file atomically.
/// </summary>
/// <param name="path">The file; it need not exist.</param>
public sealed class RegistryLogins(string path)
{
    private const int MaxFileBytes = 1 << 20;
    private const int MaxLogins = 256;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _path = Path.GetFullPath(path);

    /// <summary>The login for a registry, or null.</summary>
    /// <exception cref="RegistryException">The file is readable by others or no such file (Logins).</exception>
    public RegistryCredential? Find(string host) => Read().GetValueOrDefault(host);

    /// <summary>Asks the registry whether it takes the login; keeps it only then.</summary>
    /// <param name="host"><c>host[:port]</c>.</param>
    /// <param name="options">With the login.</param>
    /// <param name="cancellation">Ends the question.</param>
    /// <exception cref="RegistryException">The registry refuses it, or the file cannot be used.</exception>
    public async Task LoginAsync(string host, RegistryOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        _ = Read(); // a file that cannot be used is said before the registry is asked
        await RegistryRepository.CheckLoginAsync(host, options, cancellation).ConfigureAwait(false);
        SortedDictionary<string, RegistryCredential> logins = Read(); // and another login may have been kept meanwhile
        logins[host] = options.Credential ?? throw new ArgumentException("no login", nameof(options));
        Write(logins);
    }

    /// <summary>Forgets the login for a registry.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="RegistryException">The file cannot be used.</exception>
    public bool Logout(string host)
    {
        SortedDictionary<string, RegistryCredential> logins = Read();
        if (!logins.Remove(host))
        {
            return false;
        }

        Write(logins);
        return true;
    }

    private SortedDictionary<string, RegistryCredential> Read()
    {
        var logins = new SortedDictionary<string, RegistryCredential>(StringComparer.OrdinalIgnoreCase);
        if (!File.Exists(_path))
        {
            return logins;
        }

        byte[] bytes = ReadPrivate();
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false });
            JsonElement root = document.RootElement;
            if (root.GetProperty("version").GetInt32() != 1)
            {
                throw Unusable($"{_path} is of a later version", "Use a newer tool, or delete the file and log in again.");
            }

            foreach (JsonProperty login in root.GetProperty("registries").EnumerateObject())
            {
                logins.Add(login.Name, new RegistryCredential(login.Value.GetProperty("user").GetString()!, login.Value.GetProperty("password").GetString()!));
            }

            return logins;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw Unusable($"{_path} is no file of logins", "Delete it and log in again.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private byte[] ReadPrivate()
    {
        using var stream = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(stream.SafeFileHandle) & ~(OwnerOnly | UnixFileMode.UserExecute)) != 0)
        {
            throw Unusable($"{_path} can be read by others than its owner", $"chmod 600 {_path}; if others had access, change the passwords.");
        }

        if (stream.Length > MaxFileBytes)
        {
            throw Unusable($"{_path} has {stream.Length} bytes; at most {MaxFileBytes} are read", "Delete it and log in again.");
        }

        var bytes = new byte[(int)stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private void Write(SortedDictionary<string, RegistryCredential> logins)
    {
        if (logins.Count > MaxLogins)
        {
            throw Unusable($"{_path} would have more than {MaxLogins} logins", "capsule logout those that are not needed.");
        }

        byte[] bytes = OciWriter.Document(json => Write(json, logins));
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        string temporary = _path + "." + Path.GetRandomFileName();
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, _path, overwrite: true);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            File.Delete(temporary);
        }
    }

    private static void Write(Utf8JsonWriter json, SortedDictionary<string, RegistryCredential> logins)
    {
        json.WriteNumber("version", 1);
        json.WriteStartObject("registries");
        foreach ((string host, RegistryCredential login) in logins)
        {
            json.WriteStartObject(host);
            json.WriteString("user", login.User);
            json.WriteString("password", login.Password);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static RegistryException Unusable(string message, string remedy) => new(RegistryError.Logins, message, remedy);
}
