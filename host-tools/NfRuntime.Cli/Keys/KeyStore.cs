using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Models;
using NfRuntime.Cli.Output;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Signing;

namespace NfRuntime.Cli.Keys;

/// <summary>
/// A folder of keys: publisher keys by name, <c>root</c>, and the key list that the root key signs.
/// Private keys are protected by the passphrase in $NFR_KEY_PASSPHRASE when that is set.
/// </summary>
internal sealed class KeyStore(string folder, ToolEnvironment environment)
{
    public const string DefaultName = "default";
    public const string RootName = "root";
    public const string PassphraseVariable = "NFR_KEY_PASSPHRASE";

    public string RootPath => Path.Combine(folder, RootName);

    public string RootPublicPath => KeyFiles.PublicPath(RootPath);

    public string KeyListPath => Path.Combine(folder, "keys.nfrk");

    public string PathOf(string name) => Path.Combine(folder, name);

    /// <summary>Makes a key; an existing one is never replaced.</summary>
    public SigningKey Create(string path)
    {
        SigningKey key = SigningKey.Generate();
        Save(key, path);
        return key;
    }

    /// <summary>Writes a key; an existing one is never replaced.</summary>
    public void Save(SigningKey key, string path) => KeyFiles.Save(key, path, environment.Variable(PassphraseVariable));

    /// <exception cref="ToolException">There is a key already.</exception>
    public static void CheckAbsent(string path)
    {
        if (File.Exists(path))
        {
            throw new ToolException(ErrorCodes.KeyUnusable, $"{path} is there already.", "Choose another name; a key is never overwritten.");
        }
    }

    /// <summary>The private key in <paramref name="path"/>, a path or a name in this folder.</summary>
    /// <exception cref="ToolException">There is none.</exception>
    /// <exception cref="KeyException">It cannot be used.</exception>
    public SigningKey Load(string path)
    {
        string found = File.Exists(path) ? path : PathOf(path);
        if (!File.Exists(found))
        {
            throw new ToolException(ErrorCodes.KeyMissing, $"There is no key {path}.", "capsule keygen makes one; --key FILE names another.");
        }

        NamedFile.RequireContent(found);
        return KeyFiles.Load(found, environment.Variable(PassphraseVariable));
    }

    /// <summary>The key list, verified with the root's public key beside it.</summary>
    /// <exception cref="ToolException">There is none.</exception>
    /// <exception cref="ManifestFormatException">It is not one that this root signed.</exception>
    public KeyList LoadList() => LoadList(KeyListPath, RootPublicPath);

    /// <summary>A key list, verified with a root key.</summary>
    public static KeyList LoadList(string listPath, string rootPath)
    {
        foreach (string path in new[] { listPath, rootPath }.Where(path => !File.Exists(path)))
        {
            throw new ToolException(ErrorCodes.KeyMissing, $"There is no {path}.", "capsule keygen makes a root key and a key list.");
        }

        NamedFile.RequireContent(listPath);
        NamedFile.RequireContent(rootPath);
        byte[] bytes = File.ReadAllBytes(listPath);
        return KeyListFile.Read(bytes, KeyFiles.LoadPublic(rootPath));
    }

    /// <summary>Signs and replaces the key list.</summary>
    public Task SaveListAsync(KeyList list, SigningKey root, CancellationToken cancellation) =>
        AtomicFile.WriteAsync(KeyListPath, KeyListFile.Write(list, root), cancellation);
}
