using System.Net;
using System.Net.Sockets;

namespace NfRuntime.Images.Registry;

/// <summary>From where an address can be reached. A registry may send this machine to addresses of its own reach and below, never deeper inside.</summary>
internal enum Reach
{
    /// <summary>Anywhere.</summary>
    Public,

    /// <summary>Networks of an organization (RFC 1918, 4193, 6598).</summary>
    Private,

    /// <summary>This machine and its link, where cloud machines find their metadata (RFC 1122, 3927, 4291).</summary>
    Local,
}

/// <summary>Classifies addresses.</summary>
internal static class Reaches
{
    public static Reach Of(IPAddress address)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily == AddressFamily.InterNetwork ? OfFour(plain.GetAddressBytes()) : OfSix(plain);
    }

    private static Reach OfFour(byte[] a) => a[0] switch
    {
        0 or 127 or >= 224 => Reach.Local,
        169 when a[1] == 254 => Reach.Local,
        10 => Reach.Private,
        172 when a[1] is >= 16 and < 32 => Reach.Private,
        192 when a[1] == 168 => Reach.Private,
        100 when a[1] is >= 64 and < 128 => Reach.Private,
        _ => Reach.Public,
    };

    // Of IPv6 only 2000::/3 is given out for anywhere; in it 6to4 (2002::/16) and Teredo (2001::/32) carry an IPv4 address, and so does NAT64 (64:ff9b::/96) outside it.
    private static Reach OfSix(IPAddress address)
    {
        byte[] a = address.GetAddressBytes();
        bool carries = (a[0] == 0x20 && a[1] == 0x02) || (a[0] == 0x20 && a[1] == 0x01 && a[2] == 0 && a[3] == 0);
        return (a[0] & 0xE0) == 0x20 && !carries ? Reach.Public
            : (a[0] & 0xFE) == 0xFC ? Reach.Private
            : Reach.Local;
    }
}
