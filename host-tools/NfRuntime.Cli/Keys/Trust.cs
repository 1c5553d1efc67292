using NfRuntime.Cli.Errors;
using NfRuntime.Images.Building;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Signing;

namespace NfRuntime.Cli.Keys;

/// <summary>What a device that trusts a root key and a key list thinks of an image, and why.</summary>
internal static class Trust
{
    /// <summary>Verifies every blob, signature, name prefix, revocation and counter.</summary>
    /// <exception cref="ToolException">A device with these keys refuses the image.</exception>
    public static CapsuleImage Verify(ImageStore store, StoredImage image, KeyList list, uint minimumCounter)
    {
        try
        {
            return CapsuleImage.Verify(store, image.Root, list, minimumCounter);
        }
        catch (ContentException e)
        {
            throw new ToolException(ErrorCodes.NotVerified, $"sha256:{image.Root.Digest.Short} does not verify: {e.Message}.", "A device with these keys refuses it. Sign with a key of the list, or renew the list: capsule keygen --help.", e);
        }
    }

    /// <summary>
    /// Gives the refusal of a device its reason. A device only says that a signature does not fit; here the keys are known by name.
    /// </summary>
    /// <returns>The reason with the device's refusal as its cause, or the refusal itself when it has nothing to do with keys.</returns>
    public static ToolException Explain(ToolException refusal, ImageStore store, StoredImage image, string listPath, string rootPath)
    {
        try
        {
            Verify(store, image, KeyStore.LoadList(listPath, rootPath), 0);
            return refusal;
        }
        catch (ToolException reason) when (reason.Code == ErrorCodes.NotVerified)
        {
            return new ToolException(refusal.Code, $"{refusal.Message} {reason.Message}", reason.Remedy, refusal);
        }
        catch (ManifestFormatException list)
        {
            return new ToolException(refusal.Code, $"{refusal.Message} {listPath}: {list.Message}.", "Give the key list that this root key signed: --root-key, --key-list.", refusal);
        }
    }
}
