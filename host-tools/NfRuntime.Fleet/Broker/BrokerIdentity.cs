using System;
using System.Buffers;
using System.Linq;

namespace NfRuntime.Fleet.Broker;

/// <summary>What a credential may do (PROTOCOL.md §1).</summary>
public enum BrokerRole
{
    Device,
    Controller,
    Distributor,
}

/// <summary>
/// Who a credential belongs to: one tenant, one role, one name. Its <see cref="UserName"/> is the certificate's common name, and the broker makes
/// it the user name and the client id too, so that nobody can take over another one's session.
/// </summary>
public sealed record BrokerIdentity
{
    /// <summary>The longest common name that X.509 allows (RFC 5280, ub-common-name).</summary>
    public const int MaxUserName = 64;

    private const int MaxName = 32;
    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    private BrokerIdentity(BrokerRole role, string tenant, string name) => (Role, Tenant, Name) = (role, tenant, name);

    public BrokerRole Role { get; }

    /// <summary><c>[a-z0-9-]{1,32}</c>.</summary>
    public string Tenant { get; }

    /// <summary><c>[a-z0-9-]{1,32}</c>.</summary>
    public string Name { get; }

    /// <summary>Device: <c>name.tenant</c>. Others: <c>name.role.tenant</c>; a device has one dot and they have two, so no name makes one of the other.</summary>
    public string UserName => Role switch
    {
        BrokerRole.Controller => $"{Name}.controller.{Tenant}",
        BrokerRole.Distributor => $"{Name}.distributor.{Tenant}",
        _ => $"{Name}.{Tenant}",
    };

    /// <exception cref="ArgumentException">A name is not <c>[a-z0-9-]{1,32}</c>, or both are too long together.</exception>
    public static BrokerIdentity Device(string tenant, string name) => Checked(BrokerRole.Device, tenant, name);

    /// <inheritdoc cref="Device"/>
    public static BrokerIdentity Controller(string tenant, string name) => Checked(BrokerRole.Controller, tenant, name);

    /// <inheritdoc cref="Device"/>
    public static BrokerIdentity Distributor(string tenant, string name) => Checked(BrokerRole.Distributor, tenant, name);

    /// <summary>Whether this is the name of a tenant, device, controller or distributor.</summary>
    public static bool IsName(string? name) => name is { Length: >= 1 and <= MaxName } && !name.AsSpan().ContainsAnyExcept(Allowed);

    /// <summary>Reads a <see cref="UserName"/>.</summary>
    public static bool TryParse(string userName, out BrokerIdentity? identity)
    {
        ArgumentNullException.ThrowIfNull(userName);
        string[] parts = userName.Length <= MaxUserName ? userName.Split('.') : [];
        BrokerRole? role = parts.Length switch
        {
            2 => BrokerRole.Device,
            3 when parts[1] == "controller" => BrokerRole.Controller,
            3 when parts[1] == "distributor" => BrokerRole.Distributor,
            _ => null,
        };
        identity = role is { } known && parts.All(IsName) ? new BrokerIdentity(known, parts[^1], parts[0]) : null;
        return identity is not null;
    }

    private static BrokerIdentity Checked(BrokerRole role, string tenant, string name)
    {
        if (!IsName(tenant) || !IsName(name))
        {
            throw new ArgumentException($"'{name}' of tenant '{tenant}': names are 1 to {MaxName} of a-z, 0-9 and '-'.");
        }

        var identity = new BrokerIdentity(role, tenant, name);
        return identity.UserName.Length <= MaxUserName
            ? identity
            : throw new ArgumentException($"'{identity.UserName}' has {identity.UserName.Length} characters, a certificate's name {MaxUserName} at most.");
    }
}
