using System;
using System.Linq;
using NfRuntime.Capsules;
using NfRuntime.Native;
using Xunit;

namespace NfRuntime.Runtime.Tests;

/// <summary>The managed face on the real firmware library: what C# wrote and signed, C verifies, tests and runs.</summary>
public sealed class NativeTests : IDisposable
{
    private const int Memory = 1 << 16;

    private readonly SignedCapsule _made = new();

    public void Dispose() => _made.Dispose();

    [Fact]
    public void A_signed_capsule_is_verified_tested_and_runs_with_declared_processing()
    {
        using NativeRuntime runtime = Boot();
        CapsuleSummary summary = runtime.Verify(_made.Manifest);
        Assert.Equal(NativeError.Ok, summary.Error);
        Assert.Equal(NativeError.Ok, summary.Fits);
        Assert.Equal(("fashion", "1.0.0", "host", string.Empty, 3), (summary.Name, summary.Version, summary.Target, summary.Processor, summary.SecurityCounter));
        Assert.Equal(_made.Plan.Length, summary.SectionBytes(1));
        Assert.Equal(_made.Labels.Length, summary.SectionBytes(5));

        using NativeCapsule capsule = runtime.Open(_made.Manifest, _made.Plan, _made.Labels, counterFloor: 0);
        Assert.True(capsule.IsSigned && capsule.HasResult);
        Assert.Equal(784, capsule.FeedBytes(0));
        Assert.Equal("class 9", capsule.Label(9));
        Assert.Equal(string.Empty, capsule.Label(10));
        SelfTestReport tested = runtime.SelfTest(capsule, _made.Vectors);
        Assert.True(tested.Passed);
        Assert.Equal(3, tested.CaseCount);

        var session = new CapsuleSession(capsule);
        var result = new CapsuleResult();
        int slices = 0;
        for (int i = 0; i < 10; i++)
        {
            byte[] image = SignedCapsule.Image(i);
            Assert.True(session.Feed(image, image.Length));
            session.Begin();
            do
            {
                slices++;
            }
            while (session.Step(20_000));

            session.Read(result);
            sbyte[] expected = _made.Expected(image);
            int best = Array.IndexOf(expected, expected.Max());
            Assert.Equal(best, result.Decision);
            Assert.Equal(3, result.Count);
            Assert.Equal((expected[best] + 128) / 256f, result.ScoreAt(0));
        }

        Assert.True(slices > 20, $"{slices} slices");
    }

    [Fact]
    public void A_managed_processor_sees_the_tensors_and_gives_the_result()
    {
        using NativeRuntime runtime = Boot();
        using NativeCapsule capsule = runtime.Open(_made.Manifest, _made.Plan, _made.Labels, counterFloor: 0);
        var session = new CapsuleSession(capsule, new Inverting());
        var result = new CapsuleResult();
        byte[] image = SignedCapsule.Image(0);
        byte[] inverted = [.. image.Select(p => (byte)(255 - p))];
        Assert.True(session.Feed(inverted, inverted.Length));
        session.Begin();
        while (session.Step(0))
        {
        }

        session.Read(result);
        sbyte[] expected = _made.Expected(image);
        Assert.Equal(Array.IndexOf(expected, expected.Max()), result.Decision);
    }

    [Fact]
    public void Without_declared_processing_a_session_needs_a_processor()
    {
        using NativeRuntime runtime = new(Memory, Memory, []);
        using NativeCapsule capsule = runtime.OpenModel(_made.Plan);
        Assert.Contains("no processing", Assert.Throws<ArgumentException>(() => new CapsuleSession(capsule)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Real_values_are_quantized_as_the_tensor_says()
    {
        using NativeRuntime runtime = new(Memory, Memory, []);
        using NativeCapsule capsule = runtime.OpenModel(_made.Plan);
        TensorInfo input = capsule.Input(0);
        Assert.Equal([1, 28, 28, 1], input.Shape);
        Assert.Equal((TensorInfo.Int8, 784, -128), (input.Type, input.ByteCount, input.ZeroPoint));
        byte[] image = SignedCapsule.Image(4);
        capsule.WriteInput(0, image.Select(p => p / 255f).ToArray(), 784);
        capsule.Begin();
        while (capsule.Step(0))
        {
        }

        sbyte[] output = new sbyte[10];
        capsule.ReadOutput(0, output, 10);
        Assert.Equal(_made.Expected(image), output);
    }

    [Fact]
    public void What_is_not_right_is_refused_by_its_own_error()
    {
        using NativeRuntime runtime = Boot();
        byte[] flipped = (byte[])_made.Manifest.Clone();
        flipped[20] ^= 1;
        Assert.Equal(NativeError.Signature, Refusal(() => runtime.Open(flipped, _made.Plan, _made.Labels, 0)));
        byte[] damaged = (byte[])_made.Plan.Clone();
        damaged[^1] ^= 1;
        Assert.Equal(NativeError.Corrupt, Refusal(() => runtime.Open(_made.Manifest, damaged, _made.Labels, 0)));
        Assert.Equal(NativeError.Rollback, Refusal(() => runtime.Open(_made.Manifest, _made.Plan, _made.Labels, counterFloor: 4)));
        Assert.Equal(NativeError.Signature, Refusal(() => runtime.OpenModel(_made.Plan)));
        Assert.Equal(NativeError.Rollback, Refusal(() => runtime.SetKeyList(_made.KeyList, versionFloor: 8)));

        using var foreign = new SignedCapsule("other/name");
        using NativeRuntime stranger = new(Memory, Memory, foreign.RootKey);
        stranger.SetKeyList(foreign.KeyList, 0);
        Assert.Equal(NativeError.Signature, stranger.Verify(foreign.Manifest).Error);
    }

    [Fact]
    public void A_device_that_is_too_small_says_what_is_missing()
    {
        using NativeRuntime runtime = new(256, Memory, _made.RootKey);
        runtime.SetKeyList(_made.KeyList, 0);
        CapsuleSummary summary = runtime.Verify(_made.Manifest);
        Assert.Equal(NativeError.NoMemory, summary.Fits);
        Assert.Matches("^arena [0-9,]+ needed, [0-9,]+ free$", summary.Deficit);
    }

    [Fact]
    public void Wrong_answers_are_named_by_vector_and_operator()
    {
        using var wrong = new SignedCapsule(wrongOperator: 2);
        using NativeRuntime runtime = new(Memory, Memory, wrong.RootKey);
        runtime.SetKeyList(wrong.KeyList, 0);
        using NativeCapsule capsule = runtime.Open(wrong.Manifest, wrong.Plan, wrong.Labels, 0);
        SelfTestReport report = runtime.SelfTest(capsule, wrong.Vectors);
        Assert.False(report.Passed);
        Assert.Equal(1, report.CaseIndex);
        Assert.Equal(3, report.SourceOperator); // the RESHAPE before it is eliminated
    }

    [Fact]
    public void Vectors_that_are_not_the_manifests_are_refused()
    {
        using NativeRuntime runtime = Boot();
        using NativeCapsule capsule = runtime.Open(_made.Manifest, _made.Plan, _made.Labels, 0);
        byte[] wrong = (byte[])_made.Vectors.Clone();
        wrong[^1] ^= 1;
        Assert.Equal(NativeError.Corrupt, Refusal(() => runtime.SelfTest(capsule, wrong)));
    }

    private static int Refusal(Action action) => Assert.Throws<NativeException>(action).Error;

    private NativeRuntime Boot()
    {
        var runtime = new NativeRuntime(Memory, Memory, _made.RootKey);
        runtime.SetKeyList(_made.KeyList, versionFloor: 0);
        return runtime;
    }

    private sealed class Inverting : CapsuleProcessor
    {
        public override bool Prepare(byte[] raw, int length, sbyte[] tensor, TensorInfo input)
        {
            for (int i = 0; i < length; i++)
            {
                tensor[i] = (sbyte)(127 - raw[i]);
            }

            return true;
        }

        public override void Interpret(sbyte[] tensor, TensorInfo output, CapsuleResult result)
        {
            for (int i = 0; i < output.ElementCount; i++)
            {
                result.Add(i, Quantization.Dequantize(tensor[i], output.Scale, output.ZeroPoint));
            }

            result.Decision = result.ClassAt(0);
        }
    }
}
