using System.IO;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;

namespace NfRuntime.Cli.Models;

/// <summary>A .tflite file on disk.</summary>
internal static class ModelFile
{
    /// <summary>Largest file that is read: 64 MiB, far above what a microcontroller holds.</summary>
    public const long MaxBytes = 64 << 20;

    /// <summary>Reads and imports the model.</summary>
    /// <exception cref="ToolException">There is no such file, or it is too large.</exception>
    /// <exception cref="ModelImportException">It cannot be imported.</exception>
    public static async Task<Graph> ImportAsync(string path, CancellationToken cancellation)
    {
        byte[] bytes = await ReadAsync(path, cancellation).ConfigureAwait(false);
        return TfliteImporter.Import(bytes, Path.GetFileNameWithoutExtension(path));
    }

    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellation)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new ToolException(ErrorCodes.ModelMissing, $"There is no model {path}.", "Give the path of a .tflite file.");
        }

        NamedFile.RequireContent(path);
        if (file.Length > MaxBytes)
        {
            throw new ToolException(ErrorCodes.ModelMalformed, $"{path} has {file.Length:N0} bytes; at most {MaxBytes:N0} are read.", "Is it the right file?");
        }

        return await File.ReadAllBytesAsync(path, cancellation).ConfigureAwait(false);
    }
}
