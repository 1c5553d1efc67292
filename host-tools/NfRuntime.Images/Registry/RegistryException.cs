using System;

namespace NfRuntime.Images.Registry;

/// <summary>Why a registry does not do what was asked.</summary>
public enum RegistryError
{
    /// <summary>No answer: name, connection, a time that ran out, or server errors to the last attempt.</summary>
    Unreachable,

    /// <summary>It wants a login and there is none.</summary>
    LoginNeeded,

    /// <summary>It refuses the login, or the login may not do this.</summary>
    Denied,

    /// <summary>No such repository, tag or blob.</summary>
    NotFound,

    /// <summary>An answer that cannot be trusted: wrong digest, wrong size, an endless body, no image, a redirect to where none may lead.</summary>
    Untrusted,

    /// <summary>It says no, or something that no registry says.</summary>
    Refused,

    /// <summary>No TLS where TLS must be, or a certificate that does not verify.</summary>
    Insecure,

    /// <summary>The file of logins cannot be used.</summary>
    Logins,
}

/// <summary>A registry that does not do what was asked, or answers what cannot be trusted; the local store is as it was.</summary>
public sealed class RegistryException : Exception
{
    internal RegistryException(RegistryError error, string message, string? remedy = null, Exception? inner = null)
        : base(message, inner) => (Error, Remedy) = (error, remedy);

    public RegistryError Error { get; }

    /// <summary>One line that says what to do, or null.</summary>
    public string? Remedy { get; }

    /// <summary>Whether the same may succeed a moment later: a broken connection, a server error.</summary>
    internal bool IsPassing { get; init; }

    /// <summary>How long the registry asks to wait, or null.</summary>
    internal TimeSpan? RetryAfter { get; init; }
}
