using System;
using NfRuntime.Native;
using Xunit;

namespace NfRuntime.Runtime.Tests;

/// <summary>Who owns what when: nothing touches freed memory, and memory that the firmware no longer borrows is freed.</summary>
public sealed class NativeLifetimeTests : IDisposable
{
    private const int Memory = 1 << 16;

    private readonly SignedCapsule _made = new();

    public void Dispose() => _made.Dispose();

    [Fact]
    public void A_disposed_runtime_does_nothing_more()
    {
        NativeRuntime runtime = Boot();
        runtime.Dispose();
        runtime.Dispose();
        Assert.Throws<ObjectDisposedException>(() => runtime.SetKeyList(_made.KeyList, 0));
        Assert.Throws<ObjectDisposedException>(() => runtime.Verify(_made.Manifest));
        Assert.Throws<ObjectDisposedException>(() => runtime.CheckSection(_made.Manifest, 1, _made.Plan));
        Assert.Throws<ObjectDisposedException>(() => Open(runtime));
        Assert.Throws<ObjectDisposedException>(() => runtime.OpenModel(_made.Plan));
    }

    [Fact]
    public void The_firmware_tells_what_it_runs_and_the_capsule_asks_for_no_more()
    {
        using NativeRuntime runtime = Boot();
        FirmwareFacts facts = runtime.Facts();
        CapsuleSummary summary = runtime.Verify(_made.Manifest);
        Assert.Equal(NativeError.Ok, summary.Error);
        Assert.Equal(new Version(1, 0), facts.Abi);
        Assert.Equal(new Version(1, 0), facts.Plan);
        Assert.Equal(0b111u, facts.Layouts);
        Assert.Equal(16, facts.Operators.Length);
        Assert.Contains(facts.Operators, bits => bits != 0);
        Assert.NotEqual(0u, facts.Capabilities);
    }

    [Fact]
    public void A_capsule_ends_with_its_runtime()
    {
        NativeRuntime runtime = Boot();
        NativeCapsule capsule = Open(runtime);
        runtime.Dispose();
        Assert.Throws<ObjectDisposedException>(() => capsule.Step(0));
        Assert.Throws<ObjectDisposedException>(() => capsule.Label(0));
        Assert.Throws<ObjectDisposedException>(() => capsule.Input(0));
        Assert.Throws<ObjectDisposedException>(() => runtime.SelfTest(capsule, _made.Vectors));
        capsule.Dispose();
    }

    [Fact]
    public void A_closed_capsule_cannot_be_used()
    {
        using NativeRuntime runtime = Boot();
        NativeCapsule capsule = Open(runtime);
        capsule.Dispose();
        capsule.Dispose();
        Assert.Throws<ObjectDisposedException>(capsule.Begin);
        Assert.Throws<ArgumentException>(() => runtime.SelfTest(capsule, _made.Vectors));
    }

    [Fact]
    public void A_capsule_is_tested_by_its_own_runtime()
    {
        using NativeRuntime runtime = Boot();
        using NativeRuntime other = Boot();
        using NativeCapsule capsule = Open(runtime);
        using NativeCapsule same = Open(other); // in another context it may have the same handle
        Assert.Throws<ArgumentException>(() => other.SelfTest(capsule, _made.Vectors));
    }

    [Fact]
    public void Nothing_stays_of_what_is_over()
    {
        using NativeRuntime runtime = Boot();
        int blocks = runtime.BlockCount;
        for (int i = 0; i < 5; i++)
        {
            runtime.SetKeyList(_made.KeyList, 0);
            Assert.Throws<NativeException>(() => runtime.SetKeyList(new byte[80], 0));
            Assert.Throws<NativeException>(() => runtime.Open(_made.Manifest, new byte[16], _made.Labels, 0));
            using NativeCapsule capsule = Open(runtime);
            Assert.True(runtime.SelfTest(capsule, _made.Vectors).Passed);
            Assert.Throws<NativeException>(() => runtime.SelfTest(capsule, new byte[16]));
            Assert.Equal(blocks + 3, runtime.BlockCount); // manifest, model, labels
        }

        Assert.Equal(blocks, runtime.BlockCount);
        using NativeCapsule last = Open(runtime); // the key list in use is whole
        Assert.True(last.IsSigned);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(65)]
    public void A_root_key_of_another_length_is_refused(int length) =>
        Assert.Throws<ArgumentException>(() => new NativeRuntime(Memory, Memory, new byte[length]));

    private NativeCapsule Open(NativeRuntime runtime) => runtime.Open(_made.Manifest, _made.Plan, _made.Labels, counterFloor: 0);

    private NativeRuntime Boot()
    {
        var runtime = new NativeRuntime(Memory, Memory, _made.RootKey);
        runtime.SetKeyList(_made.KeyList, versionFloor: 0);
        return runtime;
    }
}
