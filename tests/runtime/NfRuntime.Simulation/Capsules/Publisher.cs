using System.Linq;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Signing;

namespace NfRuntime.Simulation.Capsules;

/// <summary>Who signs: a root, a publisher, one who was revoked and one whom nobody knows. The keys are the same in every run, so that a seed means one history.</summary>
internal sealed class Publisher
{
    private readonly SigningKey _root = SigningKey.FromScalar(Scalar(1));

    public SigningKey Key { get; } = SigningKey.FromScalar(Scalar(2));

    public SigningKey Revoked { get; } = SigningKey.FromScalar(Scalar(3));

    public SigningKey Unknown { get; } = SigningKey.FromScalar(Scalar(4));

    public byte[] RootKey => _root.PublicKey.Bytes.ToArray();

    /// <param name="version">Of the list.</param>
    /// <param name="isRevoked">False: a list from before <see cref="Revoked"/> was.</param>
    public byte[] KeyList(uint version, bool isRevoked = true) => KeyListFile.Write(
        new KeyList(version, [new PublisherKey(Key.PublicKey, ["acme"]), new PublisherKey(Revoked.PublicKey, ["acme"])], isRevoked ? [Revoked.PublicKey.Id] : []), _root);

    private static byte[] Scalar(byte seed) => [.. Enumerable.Range(0, 32).Select(i => (byte)((seed * 29) + i))];
}
