using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using NfRuntime.Model.Import.FlatBuffers;
using NfRuntime.Model.Import.Schema;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import;

/// <summary>
/// Reads a .tflite file (FlatBuffer "TFL3", schema version 3) into a <see cref="Graph"/> that evaluator and compiler may trust:
/// every operator obeys the reference kernel's rules, shapes follow from each other, constants have their size, scales are finite
/// and positive, paddings and axes are resolved, and each tensor is produced before it is read. The first subgraph is imported.
/// Whatever is not supported is refused, all of it at once. Limits: <see cref="ImportLimits"/>.
/// </summary>
public static class TfliteImporter
{
    /// <summary>Imports <paramref name="file"/>.</summary>
    /// <param name="file">The whole file. Constants of the graph are slices of it: the caller must not change it afterwards.</param>
    /// <param name="name">The model's name, for the graph and for messages.</param>
    /// <exception cref="ModelImportException">The model cannot be imported; the exception has every reason.</exception>
    public static Graph Import(ReadOnlyMemory<byte> file, string name) =>
        TryImport(file, name, out Graph? graph, out IReadOnlyList<ModelProblem> problems)
            ? graph
            : throw new ModelImportException(name, problems);

    /// <summary>Imports <paramref name="file"/>, or says why not. Parameters as in <see cref="Import"/>.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="graph">The graph on success.</param>
    /// <param name="problems">Every reason on failure, else empty.</param>
    public static bool TryImport(
        ReadOnlyMemory<byte> file, string name, [NotNullWhen(true)] out Graph? graph, out IReadOnlyList<ModelProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(name);
        try
        {
            var importer = new GraphImporter(TfliteModel.Open(file), name);
            graph = importer.Import();
            problems = importer.Problems;
        }
        catch (MalformedFlatBufferException e)
        {
            graph = null;
            problems = [new ModelProblem(ModelProblemKind.Malformed, e.Message) { ByteOffset = e.Offset, Structure = e.Structure }];
        }

        return graph is not null;
    }
}
