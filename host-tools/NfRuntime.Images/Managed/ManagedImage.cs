using System;
using System.IO;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace NfRuntime.Images.Managed;

/// <summary>The bytes given as managed code are none that can be read.</summary>
public sealed class ManagedImageException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Reads assemblies without loading them.</summary>
public static class ManagedImage
{
    /// <summary>The largest managed section of a capsule, in bytes (a device's deployment breaks far below).</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Reads an assembly; the caller disposes it.</summary>
    /// <param name="image">The .dll's bytes.</param>
    /// <param name="symbols">Its portable .pdb's bytes, or null.</param>
    /// <exception cref="ManagedImageException">Too large, or no managed assembly.</exception>
    public static AssemblyDefinition Read(byte[] image, byte[]? symbols = null)
    {
        if (image.Length > MaxBytes)
        {
            throw new ManagedImageException($"The assembly has {image.Length:N0} bytes; {MaxBytes:N0} are allowed.");
        }

        return Guard(() =>
        {
            ReaderParameters parameters = new(ReadingMode.Immediate);
            if (symbols is not null)
            {
                parameters.ReadSymbols = true;
                parameters.SymbolReaderProvider = new PortablePdbReaderProvider();
                parameters.SymbolStream = new MemoryStream(symbols, writable: false);
            }

            return AssemblyDefinition.ReadAssembly(new MemoryStream(image, writable: false), parameters);
        });
    }

    /// <summary>Runs something that reads metadata; whatever Cecil throws on a broken file means one thing to us.</summary>
    /// <exception cref="ManagedImageException">The metadata cannot be read.</exception>
    internal static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not (ManagedImageException or OutOfMemoryException))
        {
            throw new ManagedImageException("The file is no managed assembly that can be read: " + e.Message, e);
        }
    }

    /// <summary>The bytes of the .pdb beside <paramref name="assemblyPath"/>, or null when there is none.</summary>
    public static byte[]? SymbolsBeside(string assemblyPath)
    {
        string path = Path.ChangeExtension(assemblyPath, ".pdb");
        return File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    /// <summary>The definition of <paramref name="type"/>, or null when its assembly is not at hand.</summary>
    internal static TypeDefinition? TryResolve(TypeReference type)
    {
        try
        {
            return type.Resolve();
        }
        catch (AssemblyResolutionException)
        {
            return null;
        }
    }
}
