using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Models;
using NfRuntime.Cli.Output;
using NfRuntime.Cli.Stores;
using NfRuntime.Images.Store;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule store inspect: what is on a device's flash.</summary>
internal sealed class StoreInspectCommand : ToolCommand
{
    private const long MaxBytes = 256L << 20;

    private readonly Argument<string> _file = new("FILE") { Description = "A virtual device's flash file, or the dump of a chip." };
    private readonly Option<string?> _journal = new("--journal") { Description = "Where the journal region lies in a dump. Default: at its beginning, as large as its headers say.", HelpName = "OFFSET[:BYTES]" };
    private readonly Option<string?> _blobs = new("--blobs") { Description = "Where the blob region lies in a dump. Default: behind the journal region.", HelpName = "OFFSET" };
    private readonly Option<bool> _verify = new("--verify") { Description = "Hash every complete blob; exit code 1 when one is not what its digest says." };
    private readonly Option<bool> _json = JsonOption();

    public StoreInspectCommand(ToolEnvironment environment)
        : base(
            environment,
            "inspect",
            "Shows the store on a device's flash: map, journal, names, blobs, free space, and what is wrong with it.",
            "capsule store inspect device.flash --verify",
            "capsule store inspect chip.bin --journal 0x690000 --blobs 0x6A0000 --json")
    {
        Add(_file);
        Add(_journal);
        Add(_blobs);
        Add(_verify);
        Add(_json);
    }

    protected override async Task<int> RunAsync(CommandContext context)
    {
        string path = context.Value(_file);
        FlashPlaces places = Places(context.Value(_journal), context.Value(_blobs));
        byte[] bytes = await ReadAsync(path, context.Cancellation).ConfigureAwait(false);
        StoreView view = StoreReader.Read(Open(path, bytes, places), context.Value(_verify), context.Cancellation);
        context.Console.Json(StoreShapes.Of(view), Shapes.Default.StoreShape);
        StoreText.Write(context.Console, view);
        return view.Blobs.Any(blob => blob.IsIntact == false) ? ExitCode.Failed : ExitCode.Success;
    }

    private static FlashImage Open(string path, byte[] bytes, FlashPlaces places)
    {
        try
        {
            return FlashImage.Open(bytes, places);
        }
        catch (FlashImageException e)
        {
            throw new ToolException(ErrorCodes.FlashFile, $"{path}: {e.Message}.", e.Remedy, e);
        }
    }

    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellation)
    {
        NamedFile.RequireContent(path);
        long length = new FileInfo(path) is { Exists: true } file ? file.Length : 0;
        return length <= MaxBytes
            ? await File.ReadAllBytesAsync(path, cancellation).ConfigureAwait(false)
            : throw new ToolException(ErrorCodes.FlashFile, $"{path} has {length:N0} bytes; at most {MaxBytes:N0} are read.", "Cut the part with the store out of the dump.");
    }

    private static FlashPlaces Places(string? journal, string? blobs)
    {
        string[] parts = journal?.Split(':') ?? [];
        return parts.Length > 2
            ? throw Wrong("--journal", journal!)
            : new FlashPlaces(
                parts.Length > 0 ? Number("--journal", parts[0]) : null,
                parts.Length > 1 ? Number("--journal", parts[1]) : null,
                blobs is null ? null : Number("--blobs", blobs));
    }

    private static long Number(string option, string text)
    {
        bool isHex = text.StartsWith("0x", System.StringComparison.OrdinalIgnoreCase);
        return long.TryParse(isHex ? text[2..] : text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value is >= 0 and <= int.MaxValue
            ? value
            : throw Wrong(option, text);
    }

    private static ToolException Wrong(string option, string text) => new(
        ErrorCodes.OptionValue, $"{option}: \"{text}\" is no offset.", "Offsets are decimal, or hexadecimal as 0x690000; --journal takes OFFSET or OFFSET:BYTES.");
}
