using System;
using System.Collections.Generic;
using System.Globalization;

namespace NfRuntime.VirtualDevice;

/// <summary>A command line that cannot be understood.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The arguments of <c>nfr-device run</c> (boards/virtual/README.md).</summary>
internal sealed class Options
{
    public const string Usage = "usage: nfr-device run --blobs DIR --manifest sha256:HEX --root-key FILE --key-list FILE --input FILE… [--arena BYTES] [--state BYTES]";

    private const int DefaultMemory = 16 << 20;
    private const int MaxMemory = 256 << 20;

    public string Blobs { get; private set; } = string.Empty;

    public string Manifest { get; private set; } = string.Empty;

    public string RootKey { get; private set; } = string.Empty;

    public string KeyList { get; private set; } = string.Empty;

    public int Arena { get; private set; } = DefaultMemory;

    public int State { get; private set; } = DefaultMemory;

    public List<string> Inputs { get; } = [];

    /// <exception cref="UsageException">An argument is unknown, incomplete or missing.</exception>
    public static Options Parse(string[] arguments)
    {
        if (arguments.Length == 0 || arguments[0] != "run")
        {
            throw new UsageException(Usage);
        }

        var options = new Options();
        for (int i = 1; i < arguments.Length; i++)
        {
            string name = arguments[i];
            if (i + 1 == arguments.Length)
            {
                throw new UsageException($"{name} needs a value; {Usage}");
            }

            options.Set(name, arguments[++i]);
            while (name == "--input" && i + 1 < arguments.Length && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal))
            {
                options.Inputs.Add(arguments[++i]);
            }
        }

        return options.Blobs.Length > 0 && options.Manifest.Length > 0 && options.RootKey.Length > 0 && options.KeyList.Length > 0
            ? options
            : throw new UsageException(Usage);
    }

    private void Set(string name, string value)
    {
        switch (name)
        {
            case "--blobs": Blobs = value; break;
            case "--manifest": Manifest = value; break;
            case "--root-key": RootKey = value; break;
            case "--key-list": KeyList = value; break;
            case "--input": Inputs.Add(value); break;
            case "--arena": Arena = Memory(name, value); break;
            case "--state": State = Memory(name, value); break;
            default: throw new UsageException($"unknown option {name}; {Usage}");
        }
    }

    private static int Memory(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int bytes) && bytes is >= 0 and <= MaxMemory
            ? bytes
            : throw new UsageException($"{name} takes 0 to {MaxMemory} bytes, not '{value}'");
}
