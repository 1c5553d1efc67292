using System;
using System.Text;

namespace NfRuntime.Mosquitto;

internal static class OptionChecks
{
    // Everything that would otherwise reach C as a cut string or a truncated number.
    public static void Check(MosquittoOptions options)
    {
        Text(options.Host, nameof(options.Host));
        Text(options.ClientId, nameof(options.ClientId));
        Optional(options.User, nameof(options.User));
        Optional(options.Password, nameof(options.Password));
        Range(options.Port, 1, 65535, nameof(options.Port));
        Range(options.KeepaliveSeconds, 5, 65535, nameof(options.KeepaliveSeconds));
        if (options.Will is { } will)
        {
            Text(will.Topic, nameof(options.Will));
            Range(will.Qos, 0, 2, nameof(options.Will));
            Range(will.Payload.Length, 0, 65535, nameof(options.Will));
        }

        if (options.Tls is { } tls && (tls.CertificateFile is null) != (tls.KeyFile is null))
        {
            throw new ArgumentException("A client certificate needs its key, and a key its certificate.", nameof(options));
        }
    }

    private static void Optional(string? text, string name)
    {
        if (text is not null)
        {
            Text(text, name);
        }
    }

    private static void Text(string text, string name)
    {
        if (string.IsNullOrEmpty(text) || text.Contains('\0', StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(text) > 65535)
        {
            throw new ArgumentException($"{name} has 1 to 65535 bytes and no NUL.", name);
        }
    }

    private static void Range(int value, int low, int high, string name)
    {
        if (value < low || value > high)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{low} to {high}");
        }
    }
}
