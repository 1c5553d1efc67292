using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace NfRuntime.Fleet.Broker;

/// <summary>
/// mosquitto's password file: <c>user:$7$iterations$salt$hash</c>, PBKDF2 with SHA-512 (mosquitto_passwd(1)). Passwords are made here, of 256 random
/// bits, so that few iterations do; only hashes are kept.
/// </summary>
internal sealed class PasswordList
{
    private const int Iterations = 101, SaltBytes = 12, HashBytes = 64, SecretBytes = 32, MaxBytes = 64 << 20;
    private readonly string _path;
    private readonly SortedDictionary<string, string> _lines = new(StringComparer.Ordinal);

    /// <summary>Reads the file when there is one.</summary>
    /// <exception cref="BrokerException">It holds a user that is none of ours.</exception>
    public PasswordList(string path)
    {
        _path = path;
        if (!File.Exists(_path))
        {
            return;
        }

        if (new FileInfo(_path).Length > MaxBytes)
        {
            throw new BrokerException($"{_path} is larger than {MaxBytes:N0} bytes.");
        }

        foreach (string line in File.ReadLines(_path))
        {
            string user = line.Split(':')[0];
            _lines[user] = BrokerIdentity.TryParse(user, out _) ? line : throw new BrokerException($"{_path} has been changed by somebody else: user '{user}'.");
        }
    }

    /// <summary>Makes a password, in place of an earlier one.</summary>
    public string Create(BrokerIdentity identity)
    {
        string password = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, Iterations, HashAlgorithmName.SHA512, HashBytes);
        _lines[identity.UserName] = $"{identity.UserName}:$7${Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}";
        return password;
    }

    /// <summary>True when it had one.</summary>
    public bool Remove(BrokerIdentity identity) => _lines.Remove(identity.UserName);

    public void Save() => PrivateFiles.Write(_path, Encoding.ASCII.GetBytes(string.Concat(_lines.Values.Select(line => line + "\n"))));
}
