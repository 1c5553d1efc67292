using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;

namespace NfRuntime.VirtualDevice.Serving;

/// <summary>The arguments of <c>nfr-device serve</c> (boards/virtual/README.md).</summary>
internal sealed class ServeOptions
{
    public const string Usage = "usage: nfr-device serve --name NAME --root-key FILE --state-dir DIR --board FILE\n"
        + "  (--enrol URL --token-file FILE [--ca FILE] | --broker HOST:PORT --tenant T --cert FILE --key FILE --ca FILE)\n"
        + "  [--count N] [--flash FILE] [--input FILE… --rate R] [--arena BYTES] [--state BYTES] [--quiet]\n"
        + "  [--cut-after N] [--cuts N] [--drop P] [--corrupt P] [--seed S] [--plain-http]";

    private const int MaxDevices = 100_000;
    private const int MaxMemory = 256 << 20;
    private const int MaxName = 32;
    private readonly Dictionary<string, Action<string, string>> _setters;

    private ServeOptions() => _setters = new Dictionary<string, Action<string, string>>
    {
        ["--name"] = (name, value) => Name = NameOnly(name, value),
        ["--count"] = (name, value) => Count = Integer(name, value, 1, MaxDevices),
        ["--board"] = (_, value) => Board = value,
        ["--root-key"] = (_, value) => RootKey = value,
        ["--state-dir"] = (_, value) => StateFolder = value,
        ["--flash"] = (_, value) => Flash = value,
        ["--enrol"] = (name, value) => Enrol = Url(name, value),
        ["--token-file"] = (_, value) => TokenFile = value,
        ["--ca"] = (_, value) => Ca = value,
        ["--broker"] = (_, value) => Broker = value,
        ["--tenant"] = (name, value) => Tenant = NameOnly(name, value),
        ["--cert"] = (_, value) => Certificate = value,
        ["--key"] = (_, value) => Key = value,
        ["--input"] = (_, value) => Inputs.Add(value),
        ["--rate"] = (name, value) => Rate = Real(name, value, 0, 10_000),
        ["--arena"] = (name, value) => Arena = Integer(name, value, 0, MaxMemory),
        ["--state"] = (name, value) => State = Integer(name, value, 0, MaxMemory),
        ["--cut-after"] = (name, value) => CutAfter = Integer(name, value, 1, int.MaxValue),
        ["--cuts"] = (name, value) => Cuts = Integer(name, value, 1, int.MaxValue),
        ["--drop"] = (name, value) => Drop = Real(name, value, 0, 1),
        ["--corrupt"] = (name, value) => Corrupt = Real(name, value, 0, 1),
        ["--seed"] = (name, value) => Seed = Integer(name, value, 0, int.MaxValue),
    };

    /// <summary>1 … 32 of <c>[a-z0-9-]</c> (PROTOCOL.md §1); with <see cref="Count"/> &gt; 1 what its name begins with: NAME-01 ….</summary>
    public string Name { get; private set; } = string.Empty;

    public int Count { get; private set; } = 1;

    /// <summary>A board.json: flash geometry and what it leaves to capsules.</summary>
    public string Board { get; private set; } = string.Empty;

    public string RootKey { get; private set; } = string.Empty;

    /// <summary>Keys, certificates and, unless named, flash files.</summary>
    public string StateFolder { get; private set; } = string.Empty;

    /// <summary>Of one device; empty: NAME.flash in the state folder.</summary>
    public string Flash { get; private set; } = string.Empty;

    /// <summary>The controller's URL.</summary>
    public string Enrol { get; private set; } = string.Empty;

    /// <summary>Claim tokens, one a line and a device.</summary>
    public string TokenFile { get; private set; } = string.Empty;

    public string Ca { get; private set; } = string.Empty;

    public string Broker { get; private set; } = string.Empty;

    public string Tenant { get; private set; } = string.Empty;

    public string Certificate { get; private set; } = string.Empty;

    public string Key { get; private set; } = string.Empty;

    /// <summary>Files or folders with raw samples, fed in a loop.</summary>
    public List<string> Inputs { get; } = [];

    /// <summary>Samples a second and device; 0: none.</summary>
    public double Rate { get; private set; } = 1;

    /// <summary>Bytes; null: the board's.</summary>
    public int? Arena { get; private set; }

    /// <summary>Bytes; null: the board's.</summary>
    public int? State { get; private set; }

    /// <summary>The flash operation that the power cut meets; 0: none.</summary>
    public int CutAfter { get; private set; }

    /// <summary>How often.</summary>
    public int Cuts { get; private set; } = 1;

    /// <summary>Part of the block frames that get lost.</summary>
    public double Drop { get; private set; }

    /// <summary>Part of the block frames that arrive with a wrong bit.</summary>
    public double Corrupt { get; private set; }

    /// <summary>Of all that is random; by default another one in each process, so that no two starts have one boot id.</summary>
    public int Seed { get; private set; } = RandomNumberGenerator.GetInt32(int.MaxValue);

    /// <summary>No lines for single inferences.</summary>
    public bool Quiet { get; private set; }

    /// <summary>A registry that is not on this machine may be without TLS. The desired document names it, so it alone must not decide that.</summary>
    public bool PlainHttp { get; private set; }

    /// <exception cref="UsageException">An argument is unknown, incomplete or missing.</exception>
    public static ServeOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new ServeOptions();
        for (int i = 0; i < arguments.Length; i++)
        {
            string name = arguments[i];
            if (name is "--quiet" or "--plain-http")
            {
                _ = name == "--quiet" ? options.Quiet = true : options.PlainHttp = true;
                continue;
            }

            if (!options._setters.TryGetValue(name, out Action<string, string>? set))
            {
                throw new UsageException($"unknown option {name}; {Usage}");
            }

            do
            {
                set(name, ++i < arguments.Length ? arguments[i] : throw new UsageException($"{name} needs a value; {Usage}"));
            }
            while (name == "--input" && i + 1 < arguments.Length && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal));
        }

        options.Check();
        return options;
    }

    /// <summary>Name of the device with number 0 ….</summary>
    public string NameOf(int index) => Count == 1
        ? Name
        : $"{Name}-{(index + 1).ToString(CultureInfo.InvariantCulture).PadLeft(Math.Max(2, Count.ToString(CultureInfo.InvariantCulture).Length), '0')}";

    /// <summary>Whether a device or a tenant may have this name: it becomes part of topics and of paths.</summary>
    public static bool IsName(string text) =>
        text.Length is >= 1 and <= MaxName && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static string NameOnly(string name, string value) => IsName(value)
        ? value
        : throw new UsageException($"{name} takes 1 to {MaxName} of a-z, 0-9 and -, not '{value}'");

    // The claim token is sent there, and what the device then trusts comes from there.
    private static string Url(string name, string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out Uri? url) && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
            ? value
            : throw new UsageException($"{name} takes an https URL (http on this machine only), not '{value}'");

    private static int Integer(string name, string value, int low, int high) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= low && number <= high
            ? number
            : throw new UsageException($"{name} takes {low} to {high}, not '{value}'");

    private static double Real(string name, string value, double low, double high) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number >= low && number <= high
            ? number
            : throw new UsageException($"{name} takes {low} to {high}, not '{value}'");

    private void Check()
    {
        (string Name, string Value)[] needed = [("--name", Name), ("--root-key", RootKey), ("--state-dir", StateFolder), ("--board", Board)];
        foreach ((string name, string value) in needed)
        {
            if (value.Length == 0)
            {
                throw new UsageException($"{name} is missing; {Usage}");
            }
        }

        bool isNamed = Broker.Length > 0 && Tenant.Length > 0 && Certificate.Length > 0 && Key.Length > 0 && Ca.Length > 0;
        if (Enrol.Length == 0 && !isNamed)
        {
            throw new UsageException($"the device has no identity: --enrol, or all of --broker, --tenant, --cert, --key and --ca; {Usage}");
        }

        if (!IsName(NameOf(Count - 1)))
        {
            throw new UsageException($"{NameOf(Count - 1)} is no name of a device: more than {MaxName} characters");
        }

        if (Count > 1 && (Flash.Length > 0 || (isNamed && Enrol.Length == 0)))
        {
            throw new UsageException("--flash and --cert are of one device; with --count devices enrol, and their flash lies in the state folder");
        }
    }
}
