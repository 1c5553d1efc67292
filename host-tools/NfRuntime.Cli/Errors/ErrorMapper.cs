using System;
using System.IO;
using System.Linq;
using System.Threading;
using NfRuntime.Fleet.Data;
using NfRuntime.Images.Building;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Registry;
using NfRuntime.Images.Signing;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Import;
using NfRuntime.Model.Passes;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Errors;

/// <summary>Turns the exceptions of the libraries into errors that a person can act on.</summary>
internal static class ErrorMapper
{
    public static ToolException Map(Exception exception, CancellationToken cancellation) => exception switch
    {
        ToolException tool => tool,
        OperationCanceledException when cancellation.IsCancellationRequested => new ToolException(
            ErrorCodes.Interrupted, "Interrupted; nothing was left half-written.", "Run the command again.", exception),
        ModelImportException import => Map(import),
        CompileException compile => new ToolException(
            ErrorCodes.CompileFailed, Sentence(compile.Message), "Change the model, or report this with the model.", compile),
        GraphVerificationException broken => new ToolException(
            ErrorCodes.CompileFailed, Sentence(broken.Message), "This is a defect of a compiler pass: report it with the model.", broken),
        GoldenFileException golden => new ToolException(
            ErrorCodes.GoldenFile, Sentence(golden.Message), "Is it the golden file of this model? capsule test --help says where golden files are looked for.", golden),
        KeyException key => new ToolException(
            ErrorCodes.KeyUnusable, Sentence(key.Message), key.Remedy ?? "capsule keygen makes a new key.", key),
        ManifestFormatException format => new ToolException(
            ErrorCodes.ManifestFormat, Sentence(format.Message), "Build the image again, or get an intact copy.", format),
        CapsuleBuildException build => new ToolException(
            ErrorCodes.ProjectProperty, Sentence(build.Message), "Change capsule.json.", build),
        RegistryException registry => new ToolException(
            RegistryErrors.Code(registry.Error), Sentence(registry.Message), registry.Remedy ?? RegistryErrors.Remedy(registry.Error), registry),
        ContentException content => new ToolException(
            ErrorCodes.ContentRefused, Sentence(content.Message), "Build or load the image again; capsule verify checks every blob.", content),
        ImageStoreException { Error: StoreError.Unusable } store => new ToolException(
            ErrorCodes.StoreFailed, Sentence(store.Message), store.Remedy ?? "Check the path, its rights and the free space.", store),
        ImageStoreException store => new ToolException(
            store.Error is StoreError.NotFound or StoreError.Ambiguous or StoreError.Reference ? ErrorCodes.ImageMissing : ErrorCodes.StoreFailed,
            Sentence(store.Message), store.Remedy ?? "capsule images lists what there is.", store),
        DllNotFoundException library => new ToolException(
            ErrorCodes.ToolMissing, $"The library {LibraryName(library.Message)} is not installed.", "Install it: libmosquitto1 on Debian and Ubuntu.", library),
        FleetDatabaseException database => new ToolException(
            ErrorCodes.FileAccess, Sentence(database.Message), "One controller at a time uses a database; else check its rights and the free space.", database),
        FileNotFoundException or DirectoryNotFoundException => new ToolException(
            ErrorCodes.FileAccess, Sentence(exception.Message), "Check the path.", exception),
        IOException or UnauthorizedAccessException => new ToolException(
            ErrorCodes.FileAccess, Sentence(exception.Message), "Check the path, its rights and the free space.", exception),
        _ => new ToolException(
            ErrorCodes.Defect, $"{exception.GetType().Name}: {Sentence(exception.Message)}",
            "This is a defect of the tool: report it with the output of --verbose.", exception),
    };

    private static ToolException Map(ModelImportException import)
    {
        ModelProblem? first = import.Problems.Count > 0 ? import.Problems[0] : null;
        return new ToolException(
            first?.Kind == ModelProblemKind.Malformed ? ErrorCodes.ModelMalformed : ErrorCodes.ModelUnsupported,
            Sentence(first?.ToString() ?? import.Message),
            first?.Kind == ModelProblemKind.Malformed
                ? "Convert the model to TensorFlow Lite again, or get an intact copy."
                : "Convert the model with full-integer int8 quantization.",
            import)
        {
            Further = [.. import.Problems.Skip(1).Select(problem => Sentence(problem.ToString()))],
        };
    }

    // The runtime's message quotes it first: "Unable to load shared library 'libmosquitto.so.1' or one of its dependencies. …".
    private static string LibraryName(string message) => message.Split('\'') is [_, string name, ..] ? name : "that MQTT needs";

    private static string Sentence(string text) => text.EndsWith('.') ? text : text + ".";
}
