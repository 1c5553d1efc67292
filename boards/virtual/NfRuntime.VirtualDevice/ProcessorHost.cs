using System;
using System.IO;
using System.Runtime.Loader;
using NfRuntime.Capsules;

namespace NfRuntime.VirtualDevice;

/// <summary>The managed section cannot be used.</summary>
internal sealed class ProcessorException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Loads a capsule's processor in a collectible AssemblyLoadContext, so that a swapped capsule's code can leave the process.
/// The context resolves our own runtime assemblies and the framework, nothing from disk.
/// </summary>
internal sealed class ProcessorHost : IDisposable
{
    private readonly AssemblyLoadContext _context = new("capsule", isCollectible: true);

    /// <summary>An instance of <paramref name="typeName"/> from the assembly's bytes (already verified against the manifest).</summary>
    /// <exception cref="ProcessorException">No assembly, no such type, or not a processor with a public parameterless constructor.</exception>
    public CapsuleProcessor Load(byte[] assembly, string typeName)
    {
        try
        {
            using var stream = new MemoryStream(assembly, writable: false);
            Type type = _context.LoadFromStream(stream).GetType(typeName, throwOnError: false)
                ?? throw new ProcessorException($"the managed section has no type {typeName}");
            return type.IsAssignableTo(typeof(CapsuleProcessor)) && Activator.CreateInstance(type) is CapsuleProcessor processor
                ? processor
                : throw new ProcessorException($"{typeName} is no {nameof(CapsuleProcessor)}");
        }
        catch (Exception e) when (e is not ProcessorException) // its constructor and static initialization may throw anything
        {
            throw new ProcessorException($"the managed section cannot be loaded: {e.Message}", e);
        }
    }

    public void Dispose() => _context.Unload();
}
