using System;
using System.Diagnostics;
using System.IO;
using NfRuntime.Capsules;
using NfRuntime.Native;

namespace NfRuntime.VirtualDevice;

/// <summary>One run of the device: boot with a root key, take a capsule, test it, feed it.</summary>
internal sealed class Device(Options options, JsonLines output)
{
    // Section kinds of firmware/capsule/SPEC.md.
    private const int Model = 1;
    private const int Managed = 2;
    private const int Vectors = 3;
    private const int Labels = 5;

    private const int MaxManifestBytes = 1024;
    private const int MaxKeyListBytes = 4096;
    private const int MaxInputBytes = 64 << 20;

    private readonly BlobFolder _blobs = new(options.Blobs);

    public void Run()
    {
        using var runtime = new NativeRuntime(options.Arena, options.State, RootKeyFile.Read(options.RootKey));
        runtime.SetKeyList(ReadSmall(options.KeyList, MaxKeyListBytes), versionFloor: 0);
        byte[] manifest = _blobs.Read(options.Manifest, MaxManifestBytes);
        CapsuleSummary summary = runtime.Verify(manifest);
        NativeException.Check("the capsule", summary.Error);
        if (summary.Fits < 0)
        {
            throw new RefusedException("does-not-fit", $"{summary.Name} does not fit: {summary.Deficit}");
        }

        var sections = new ManifestSections(manifest);
        using NativeCapsule capsule = runtime.Open(manifest, Section(sections, Model), Section(sections, Labels), counterFloor: 0);
        string tested = SelfTest(runtime, capsule, Section(sections, Vectors));
        output.Capsule(summary, capsule, tested);
        using var host = new ProcessorHost();
        Feed(capsule, Session(runtime, capsule, manifest, Section(sections, Managed), summary.Processor, host));
    }

    private static CapsuleSession Session(NativeRuntime runtime, NativeCapsule capsule, byte[] manifest, byte[] managed, string processor, ProcessorHost host)
    {
        try
        {
            if (managed.Length == 0)
            {
                return new CapsuleSession(capsule);
            }

            runtime.CheckSection(manifest, Managed, managed);
            return new CapsuleSession(capsule, host.Load(managed, processor));
        }
        catch (ArgumentException e)
        {
            throw new RefusedException("processing", e.Message);
        }
    }

    private static string SelfTest(NativeRuntime runtime, NativeCapsule capsule, byte[] vectors)
    {
        if (vectors.Length == 0)
        {
            return "none";
        }

        SelfTestReport report = runtime.SelfTest(capsule, vectors);
        return report.Passed
            ? $"{report.CaseCount}/{report.CaseCount}"
            : throw new RefusedException("self-test", report.SourceOperator < 0
                ? $"vector {report.CaseIndex}: the output differs"
                : $"vector {report.CaseIndex}: operator {report.SourceOperator} differs");
    }

    private void Feed(NativeCapsule capsule, CapsuleSession session)
    {
        var result = new CapsuleResult();
        foreach (string file in options.Inputs)
        {
            byte[] raw = ReadSmall(file, MaxInputBytes);
            long started = Stopwatch.GetTimestamp();
            bool due = Infer(session, raw, result, file);
            output.Prediction(file, due, result, capsule, Stopwatch.GetElapsedTime(started));
        }
    }

    // What a publisher's processor throws ends this capsule, named, and not the process with a stack trace.
    private static bool Infer(CapsuleSession session, byte[] raw, CapsuleResult result, string file)
    {
        try
        {
            if (!Feed(session, raw, file))
            {
                return false;
            }

            session.Begin();
            while (session.Step(0))
            {
                // The device's scheduler has its turn here.
            }

            session.Read(result);
            return true;
        }
        catch (Exception e) when (e is not (NativeException or RefusedException))
        {
            throw new ProcessorException($"the processor failed with {e.GetType().Name}: {e.Message}", e);
        }
    }

    // A sample that the capsule cannot take is the file's fault, and is named so.
    private static bool Feed(CapsuleSession session, byte[] raw, string file)
    {
        try
        {
            return session.Feed(raw, raw.Length);
        }
        catch (NativeException e) when (e.Error == NativeError.Argument)
        {
            throw new RefusedException("input", $"{file} has {raw.Length} bytes, which are no sample of this capsule");
        }
    }

    private byte[] Section(ManifestSections sections, int kind) =>
        sections.TryFind(kind, out string digest, out uint size) ? _blobs.Read(digest, size) : [];

    private static byte[] ReadSmall(string path, int maxBytes)
    {
        var file = new FileInfo(path);
        return !file.Exists ? throw new RefusedException("input", $"there is no {path}")
            : file.Length > maxBytes ? throw new RefusedException("input", $"{path} has {file.Length} bytes; at most {maxBytes} are accepted")
            : file.Length == 0 ? throw new RefusedException("input", $"{path} is empty, or a pipe or device")
            : File.ReadAllBytes(path);
    }
}
