using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Devices;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Evaluation;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Keys;
using NfRuntime.Cli.Models;
using NfRuntime.Cli.Output;
using NfRuntime.Images.Building;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule run: an image in a virtual device, or a model on the engine.</summary>
internal sealed class RunCommand : ToolCommand
{
    private readonly Argument<string> _what = new("IMAGE|MODEL") { Description = "An image of the local store, or a .tflite file." };
    private readonly Option<string[]> _inputs = new("--input") { Description = "Raw samples for an image, raw input tensors for a model; one file an inference.", HelpName = "FILE", Required = true, AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> _truth = new("--truth") { Description = "JSON: class number by file name, shown beside what was predicted.", HelpName = "FILE" };
    private readonly Option<string?> _root = new("--root-key") { Description = "The device's root key. Default: root.pub in the folder of keys.", HelpName = "FILE" };
    private readonly Option<string?> _list = new("--key-list") { Description = "The device's key list. Default: keys.nfrk in the folder of keys.", HelpName = "FILE" };
    private readonly Option<bool> _json = JsonOption();

    public RunCommand(ToolEnvironment environment)
        : base(
            environment,
            "run",
            "Runs an image in a virtual device, or a model on this machine's engine.",
            "capsule run fashion:1 --input samples/fashion/images/*.raw --truth samples/fashion/labels.json",
            "capsule run model.tflite --input tensor.bin")
    {
        Add(_what);
        Add(_inputs);
        Add(_truth);
        Add(_root);
        Add(_list);
        Add(_json);
    }

    protected override async Task<int> RunAsync(CommandContext context)
    {
        string[] inputs = context.Value(_inputs);
        foreach (string missing in inputs.Where(input => !File.Exists(input)))
        {
            throw new ToolException(ErrorCodes.FileAccess, $"There is no file {missing}.", "Check --input.");
        }

        Array.ForEach(inputs, NamedFile.RequireContent);
        IReadOnlyDictionary<string, int>? truth = context.Value(_truth) is { } file ? TruthFile.Read(file, inputs) : null;
        (RunShape result, IReadOnlyList<string> labels) = ModelOrImage.IsModel(context.Value(_what))
            ? (await ModelRun.RunAsync(context.Value(_what), inputs, context).ConfigureAwait(false), [])
            : await RunImageAsync(context, inputs).ConfigureAwait(false);
        result = RunText.WithTruth(result, truth);
        context.Console.Json(result, Shapes.Default.RunShape);
        RunText.Write(context.Console, result, labels, context.Verbose);
        return ExitCode.Success;
    }

    private async Task<(RunShape Result, IReadOnlyList<string> Labels)> RunImageAsync(CommandContext context, string[] inputs)
    {
        var home = new ToolHome(context.Environment);
        var keys = new KeyStore(home.Keys, context.Environment);
        string image = context.Value(_what);
        var store = new ImageStore(home.Images);
        StoredImage stored = store.Find(image);
        CapsuleVariant variant = ModelOrImage.VariantOf(store, stored, TargetPlatform.Host, image);
        string root = context.Value(_root) ?? keys.RootPublicPath, list = context.Value(_list) ?? keys.KeyListPath;
        var job = new DeviceJob(Path.Combine(home.Images, "blobs"), variant.Layers[0].Digest.ToString(), root, list, inputs);
        string? selfTest = null;
        var lines = new List<DeviceLine>();
        try
        {
            await Progress.RunAsync(context.Environment, context.Console, "run", inputs.Length, async progress =>
            {
                await new VirtualDevice(context.Environment).RunAsync(
                    job,
                    line =>
                    {
                        selfTest ??= line.SelfTest;
                        lines.AddRange(line.Input is null ? [] : [line]);
                        progress.Report(lines.Count);
                    },
                    context.Cancellation).ConfigureAwait(false);
                return lines.Count;
            }).ConfigureAwait(false);
        }
        catch (ToolException e) when (e.Code == ErrorCodes.DeviceRefused)
        {
            throw Trust.Explain(e, store, stored, list, root);
        }

        IReadOnlyList<string> labels = variant.Layer(SectionKind.Labels) is { } layer ? LabelsFile.Read(store.Fetch(layer)) : [];
        return (new RunShape(image, stored.Root.Digest.ToString(), selfTest, [.. lines.Select(ToShape)]), labels);
    }

    private static PredictionShape ToShape(DeviceLine line) => new(
        line.Input!,
        [.. line.Results.Select(result => new ClassShape(result.Index, result.Label, result.Score))],
        line.Decision,
        line.Microseconds,
        null);
}
