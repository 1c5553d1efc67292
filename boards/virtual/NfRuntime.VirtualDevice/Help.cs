using System;
using System.Linq;
using NfRuntime.VirtualDevice.Serving;

namespace NfRuntime.VirtualDevice;

/// <summary>What <c>nfr-device --help</c> prints.</summary>
internal static class Help
{
    private const string Examples = """

        examples:
          nfr-device serve --name gate-1 --board boards/virtual/board.json --root-key keys/root.pub --state-dir state \
            --enrol http://127.0.0.1:8080 --token-file token --input samples/fashion/images
          nfr-device serve --name gate --count 20 --board boards/virtual/board.json --root-key keys/root.pub --state-dir state \
            --enrol https://fleet.example:8443 --ca fleet.pem --token-file tokens --drop 0.3 --quiet
          nfr-device run --blobs images/blobs --manifest sha256:HEX --root-key keys/root.pub --key-list keys/keys.nfrk --input shoe.raw

        serve: a device of a fleet, until SIGTERM. run: one image, without a fleet. boards/virtual/README.md says what is printed.
        """;

    public static bool Wanted(string[] arguments) => arguments.Any(argument => argument is "--help" or "-h") || arguments is ["help", ..];

    /// <summary>Of the verb that is named, or of both.</summary>
    public static string Of(string[] arguments) => string.Join(
        '\n',
        arguments.Contains("run") ? Options.Usage : arguments.Contains("serve") ? ServeOptions.Usage : ServeOptions.Usage + "\n" + Options.Usage,
        Examples);
}
