using NfRuntime.Capsules;

namespace NfRuntime.Agent.Lifecycle;

/// <summary>Brings a capsule's managed code to life, where a board can. The bytes are verified; what they do is the loader's to contain.</summary>
public interface IProcessorLoader
{
    /// <summary>An instance of <paramref name="typeName"/>, or null when it cannot be had. May throw.</summary>
    /// <param name="assembly">The section's bytes; the loader's from now on.</param>
    /// <param name="typeName">Full name of a class with a public parameterless constructor.</param>
    CapsuleProcessor Load(byte[] assembly, string typeName);

    /// <summary>It is not used any more.</summary>
    void Unload(CapsuleProcessor processor);
}
