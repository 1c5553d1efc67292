using System;
using System.Net;
using System.Threading;
using System.Threading.Tasks;

namespace NfRuntime.Images.Registry;

/// <summary>How to talk to a registry. TLS is verified always; there is no way to turn that off.</summary>
public sealed record RegistryOptions
{
    /// <summary>Plain HTTP to a registry that is not on this machine. Logins are not sent over it.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>TLS to a registry on a loopback address too, where plain HTTP is the default.</summary>
    public bool LoopbackTls { get; init; }

    /// <summary>Null: anonymous.</summary>
    public RegistryCredential? Credential { get; init; }

    /// <summary>Further attempts after a broken connection or a server error; a download goes on where it broke off.</summary>
    internal int Retries { get; init; } = 4;

    /// <summary>Blobs above this many bytes are uploaded in chunks of it.</summary>
    internal int ChunkBytes { get; init; } = 4 << 20;

    internal TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>For an answer without its body; a body has a second for every <see cref="LeastBytesPerSecond"/> more.</summary>
    internal TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(60);

    internal long LeastBytesPerSecond { get; init; } = 8 << 10;

    /// <summary>Waits between attempts; tests do not.</summary>
    internal Func<TimeSpan, CancellationToken, Task> Delay { get; init; } = Task.Delay;

    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    internal Func<IPAddress, Reach> ReachOf { get; init; } = Reaches.Of;
}

/// <summary>A user and a password or access token. Neither is printed by anything here; <see cref="ToString"/> shows the user.</summary>
public sealed class RegistryCredential
{
    /// <param name="user">Not empty, no colon, no control character.</param>
    /// <param name="password">Not empty, at most <see cref="MaxPasswordLength"/> characters.</param>
    /// <exception cref="RegistryException">Outside these rules (Logins).</exception>
    public RegistryCredential(string user, string password)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(password);
        if (user.Length is 0 or > MaxUserLength || user.Contains(':', StringComparison.Ordinal) || HasControls(user))
        {
            throw new RegistryException(RegistryError.Logins, $"a user name has 1 to {MaxUserLength} characters, no colon and no control characters");
        }

        if (password.Length is 0 or > MaxPasswordLength || HasControls(password))
        {
            throw new RegistryException(RegistryError.Logins, $"a password has 1 to {MaxPasswordLength} characters and no control characters");
        }

        (User, Password) = (user, password);
    }

    public const int MaxUserLength = 256;
    public const int MaxPasswordLength = 8192;

    public string User { get; }

    internal string Password { get; }

    public override string ToString() => User;

    private static bool HasControls(string text)
    {
        foreach (char c in text)
        {
            if (char.IsControl(c))
            {
                return true;
            }
        }

        return false;
    }
}
