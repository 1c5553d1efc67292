using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace NfRuntime.Fleet.Broker;

/// <summary>
/// mosquitto's ACL file: one block a user, only of literal names, since its patterns cannot take a user name apart. Who has no block may do
/// nothing. The file itself is the list of users; it is replaced as a whole.
/// </summary>
internal sealed class AccessList
{
    private const int MaxBytes = 64 << 20;
    private readonly string _path;
    private readonly SortedDictionary<string, BrokerIdentity> _users = new(StringComparer.Ordinal);

    /// <summary>Reads the file when there is one.</summary>
    /// <exception cref="BrokerException">It holds a user that is none of ours.</exception>
    public AccessList(string path)
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

        foreach (string line in File.ReadLines(_path).Where(l => l.StartsWith("user ", StringComparison.Ordinal)))
        {
            if (!BrokerIdentity.TryParse(line["user ".Length..], out BrokerIdentity? user))
            {
                throw new BrokerException($"{_path} has been changed by somebody else: '{line}'.");
            }

            _users[user!.UserName] = user;
        }
    }

    public IReadOnlyCollection<BrokerIdentity> Users => _users.Values;

    /// <summary>True when it was not there.</summary>
    public bool Add(BrokerIdentity user) => _users.TryAdd(user.UserName, user);

    /// <summary>True when it was there.</summary>
    public bool Remove(BrokerIdentity user) => _users.Remove(user.UserName);

    public void Save() => PrivateFiles.Write(_path, Encoding.ASCII.GetBytes(Text()));

    internal static IEnumerable<string> Rules(BrokerIdentity user)
    {
        string root = $"nfr/{user.Tenant}/";
        string[] rules = user.Role switch
        {
            BrokerRole.Controller => [$"readwrite {root}d/+/#", $"write {root}keys", $"read {root}p/#"],
            BrokerRole.Distributor => [$"read {root}d/+/want", $"read {root}p/#", $"write {root}b/#", $"write {root}p/{user.Name}"],
            _ => Device(root, $"{root}d/{user.Name}/"),
        };
        return rules.Select(rule => "topic " + rule);
    }

    private static string[] Device(string root, string own) =>
    [
        $"read {own}desired", $"read {root}keys", $"read {root}b/#",
        $"write {own}online", $"write {own}cap", $"write {own}state", $"write {own}want", $"write {own}log", $"write {own}stats",
    ];

    private string Text()
    {
        var text = new StringBuilder("# Written by nf-runtime; changes are lost.\n");
        foreach (BrokerIdentity user in _users.Values)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nuser {user.UserName}\n");
            foreach (string rule in Rules(user))
            {
                text.Append(rule).Append('\n');
            }
        }

        return text.ToString();
    }
}
