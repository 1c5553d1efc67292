using System.Text;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Registry;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Registry;

namespace NfRuntime.Cli.Playground;

/// <summary>A repository of a registry whose blobs devices fetch by HTTP Range, and distributors serve when the image store has not got them.</summary>
/// <param name="Repository"><c>host[:port]/name</c>.</param>
/// <param name="PlainHttp">No TLS, though it is not on this machine.</param>
/// <param name="LoopbackTls">TLS, though it is on this machine.</param>
internal sealed record PlaygroundRegistry(string Repository, bool PlainHttp, bool LoopbackTls)
{
    private const int MaxUrl = 256; // bytes, PROTOCOL.md §3

    /// <summary>What a command line says.</summary>
    /// <param name="text">HOST[:PORT]/NAME.</param>
    /// <param name="options">How to talk to it; its login is not kept here.</param>
    /// <exception cref="ToolException">It is no repository of a registry.</exception>
    public static PlaygroundRegistry Parse(string text, RegistryOptions options)
    {
        ImageReference reference = RegistryOptionSet.RequireHost(text);
        if (reference.Repository != text)
        {
            throw new ToolException(ErrorCodes.OptionValue, $"--pull-from: {text} is an image.", $"Name its repository, without a tag: {reference.Repository}.");
        }

        var registry = new PlaygroundRegistry(text, options.PlainHttp, options.LoopbackTls);
        return Encoding.UTF8.GetByteCount(registry.Url) <= MaxUrl
            ? registry
            : throw new ToolException(ErrorCodes.OptionValue, $"--pull-from: {registry.Url} has more than {MaxUrl} bytes.", "A desired document has no room for it; give it a shorter name.");
    }

    /// <summary><c>https://host[:port]/v2/name</c>, as desired documents name it.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Url
    {
        get
        {
            using RegistryBlobSource source = Open(null);
            return source.Url;
        }
    }

    /// <summary>Its blobs; the caller disposes of it.</summary>
    /// <param name="logins">To look for one for this registry; null: anonymous.</param>
    public RegistryBlobSource Open(RegistryLogins? logins)
    {
        ImageReference reference = ImageReference.Parse(Repository);
        return new RegistryBlobSource(reference, new RegistryOptions
        {
            PlainHttp = PlainHttp,
            LoopbackTls = LoopbackTls,
            Credential = logins?.Find(reference.Host!),
        });
    }
}
