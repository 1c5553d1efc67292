using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Cli.Errors;
using NfRuntime.Images.Capsule;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Projects;

/// <summary>Reads capsule.json strictly: an unknown property, a wrong type or a value out of range names its line.</summary>
internal static class ProjectReader
{
    private static readonly Dictionary<string, VectorFormat> Formats = new()
    {
        ["samples"] = VectorFormat.Samples,
        ["tensor"] = VectorFormat.Tensor,
        ["uint8"] = VectorFormat.UInt8,
    };

    private static readonly Dictionary<string, CapsuleCapabilities> CapabilityNames = new()
    {
        ["math"] = CapsuleCapabilities.Math,
        ["gpio"] = CapsuleCapabilities.Gpio,
        ["adc"] = CapsuleCapabilities.Adc,
        ["i2c"] = CapsuleCapabilities.I2c,
        ["spi"] = CapsuleCapabilities.Spi,
        ["networking"] = CapsuleCapabilities.Networking,
        ["storage"] = CapsuleCapabilities.Storage,
    };

    /// <summary>The project in <paramref name="path"/>, a folder or its capsule.json.</summary>
    /// <exception cref="ToolException">There is none, or something about it is wrong.</exception>
    public static CapsuleProject Read(string path)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, CapsuleProject.FileName) : path;
        if (!File.Exists(file))
        {
            throw new ToolException(ErrorCodes.ProjectMissing, $"There is no {file}.", "A capsule project is a folder with a capsule.json; samples/fashion/v1 is one.");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        return Read(file, folder, DocumentKind.Project.Open(file));
    }

    private static CapsuleProject Read(string file, string folder, ObjectReader root)
    {
        _ = root.OptionalString("$schema");
        string Resolve(string relative) => Path.GetFullPath(Path.Combine(folder, relative));
        string? labels = root.OptionalString("labels");
        ObjectReader? processing = root.Object("processing");
        (IReadOnlyList<DeclaredInput> pre, DeclaredOutput? post) = processing is null ? ([], null) : ProcessingReader.Read(processing, labels is not null);
        ProcessorSource? processor = root.Object("processor") is { } declared ? ReadProcessor(declared, Resolve) : null;
        if (processor is not null && processing is not null)
        {
            throw root.Wrong("processor", "and \"processing\" both say how samples are prepared and results are read; keep one");
        }

        var project = new CapsuleProject
        {
            Folder = folder,
            Name = root.String("name", text => ManifestText.IsName(text), "1 to 64 of a-z 0-9 with single . _ - / between"),
            Version = root.String("version", text => ManifestText.IsVersion(text), "1 to 32 of 0-9 A-Z a-z . + -"),
            Counter = (uint)root.Integer("counter", 0, uint.MaxValue, 0),
            Model = Resolve(root.String("model")),
            Targets = ReadTargets(root),
            Labels = labels is null ? null : Resolve(labels),
            Pre = pre,
            Post = post,
            Processor = processor,
            Vectors = ReadVectors(root, pre.Count > 0, Resolve),
            Capabilities = ReadCapabilities(root),
            Needs = ReadNeeds(root.Object("needs")),
            Key = root.OptionalString("key") is { } key ? KeyPath(folder, key) : null,
        };
        root.Finish();
        return project;
    }

    private static string KeyPath(string folder, string key)
    {
        string beside = Path.GetFullPath(Path.Combine(folder, key));
        return File.Exists(beside) ? beside : key;
    }

    private static string[] ReadTargets(ObjectReader root)
    {
        string[] known = [.. TargetDescription.All.Select(target => target.Name)];
        string[] targets = [.. root.Items("targets").Select(item => root.Text(item, known.Contains, $"one of {string.Join(", ", known)}"))];
        return targets.Length > 0 && targets.Distinct().Count() == targets.Length
            ? targets
            : throw root.Wrong("targets", targets.Length == 0 ? "names no target" : "names a target twice");
    }

    private static ProcessorSource ReadProcessor(ObjectReader reader, Func<string, string> resolve)
    {
        string? project = reader.OptionalString("project");
        string? dll = reader.OptionalString("dll");
        string? pe = reader.OptionalString("pe");
        string? type = reader.OptionalString("type");
        reader.Finish();
        if ((project is null) == (dll is null))
        {
            throw reader.Wrong(project is null ? "project" : "dll", "is needed: either a project or a dll");
        }

        return new ProcessorSource(
            project is null ? null : resolve(project),
            dll is null ? null : resolve(dll),
            pe is null ? null : resolve(pe),
            type);
    }

    private static VectorSource ReadVectors(ObjectReader root, bool hasPre, Func<string, string> resolve)
    {
        ObjectReader vectors = root.Object("vectors") ?? throw root.Wrong("vectors", "is missing: every capsule proves itself with golden vectors of real inputs");
        var source = new VectorSource(
            resolve(vectors.String("inputs")),
            (int)vectors.Integer("count", 1, VectorsFile.MaxCases, 8),
            vectors.Word("format", Formats) ?? (hasPre ? VectorFormat.Samples : VectorFormat.Tensor));
        if (source.Format == VectorFormat.Samples && !hasPre)
        {
            throw vectors.Wrong("format", "is samples, but no pre-processing is declared; use tensor or uint8");
        }

        vectors.Finish();
        return source;
    }

    private static CapsuleCapabilities ReadCapabilities(ObjectReader root) => root.Items("capabilities")
        .Select(item => CapabilityNames[root.Text(item, CapabilityNames.ContainsKey, $"one of {string.Join(", ", CapabilityNames.Keys)}")])
        .Aggregate(CapsuleCapabilities.None, (all, one) => all | one);

    private static DeclaredNeeds ReadNeeds(ObjectReader? needs)
    {
        if (needs is null)
        {
            return new DeclaredNeeds(DeclaredNeeds.DefaultStackBytes, 0, 0, 0);
        }

        var declared = new DeclaredNeeds(
            (uint)needs.Integer("stackBytes", 0, uint.MaxValue, DeclaredNeeds.DefaultStackBytes),
            (uint)needs.Integer("deadlineMs", 0, uint.MaxValue, 0),
            (uint)needs.Integer("managedHeapBytes", 0, uint.MaxValue, 0),
            (uint)needs.Integer("inputCopyBytes", 0, uint.MaxValue, 0));
        needs.Finish();
        return declared;
    }
}
