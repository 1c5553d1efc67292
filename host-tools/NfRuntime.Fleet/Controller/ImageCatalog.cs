using System.Collections.Generic;
using System.Linq;
using NfRuntime.Fleet.Data;
using NfRuntime.Images.Building;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;

namespace NfRuntime.Fleet.Control;

/// <summary>One target of an image that is to be deployed.</summary>
/// <param name="Row">Its manifest, as it is remembered.</param>
/// <param name="Manifest">The same, read.</param>
internal sealed record DeployableVariant(ManifestRow Row, CapsuleManifest Manifest);

/// <summary>An image that is to be deployed.</summary>
/// <param name="Name">Of the capsule.</param>
/// <param name="Version">Of the capsule.</param>
/// <param name="Digest">Of the image.</param>
/// <param name="ByTarget">Its variants.</param>
internal sealed record DeployableImage(string Name, string Version, string Digest, IReadOnlyDictionary<string, DeployableVariant> ByTarget);

/// <summary>Images of the controller's store.</summary>
internal sealed class ImageCatalog(ImageStore store)
{
    public ImageStore Store => store;

    /// <summary>Finds an image and reads its manifests; its layers are those that the manifests name.</summary>
    /// <exception cref="FleetException">No such image (5021), or content that cannot be trusted (5022).</exception>
    public DeployableImage Find(string reference)
    {
        try
        {
            StoredImage stored = store.Find(reference);
            CapsuleImage image = CapsuleImage.Read(store, stored.Root);
            string? tag = stored.Tags.Contains(reference) ? reference : stored.Tags.Count > 0 ? stored.Tags[0] : null;
            return new DeployableImage(
                image.Variants[0].Manifest.Name, image.Variants[0].Manifest.Version, stored.Root.Digest.ToString(),
                image.Variants.ToDictionary(v => v.Target, v => Variant(v, stored.Root.Digest.ToString(), tag)));
        }
        catch (ImageStoreException e)
        {
            throw new FleetException(e.Error is StoreError.NotFound or StoreError.Ambiguous or StoreError.Reference ? 5021 : 8002, e.Error == StoreError.Reference ? 400 : e.Error == StoreError.NotFound ? 404 : 409, e.Message, e.Remedy, e);
        }
        catch (ContentException e)
        {
            throw new FleetException(5022, 409, e.Message, "Build or pull the image again.", e);
        }
    }

    private DeployableVariant Variant(CapsuleVariant variant, string image, string? tag)
    {
        Descriptor layer = variant.Layers[0];
        return new DeployableVariant(new ManifestRow(layer.Digest, variant.Manifest.Name, variant.Manifest.Version, image, tag, store.Fetch(layer)), variant.Manifest);
    }
}
