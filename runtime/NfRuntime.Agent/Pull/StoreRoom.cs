using NfRuntime.Agent.Lifecycle;
using NfRuntime.Agent.Protocol;
using NfRuntime.Native;

namespace NfRuntime.Agent.Pull;

/// <summary>
/// Whether a capsule can find room on flash at all, before a byte of its sections is fetched: what no freeing and no compaction can make is
/// told in words. That there is room for certain only the store's job knows.
/// </summary>
internal sealed class StoreRoom
{
    private const int Extent = 32; // firmware/store/SPEC.md: extents are multiples of it

    private readonly IDeviceStore _store;
    private readonly StoreUsage _usage = new StoreUsage();
    private readonly byte[] _digest = new byte[Digests.Bytes];

    internal StoreRoom(IDeviceStore store)
    {
        _store = store;
    }

    /// <summary>"store 312,000 needed, 210,000 free after pruning"; empty: nothing speaks against it.</summary>
    /// <param name="manifest">Verified.</param>
    internal string Deficit(byte[] manifest)
    {
        long needed = 0;
        for (int kind = 1; kind <= LifecycleNumbers.SectionLast; kind++)
        {
            // What is here, or was begun, has its place.
            if (_store.Section(manifest, kind, _digest, out int bytes) && _store.BlobState(_digest) < 0)
            {
                needed += Rounded(bytes);
            }
        }

        // Garbage can be freed, and what lies in between be moved. What the name's other versions share with nobody is referred to, and stays.
        long free = _store.Usage(_usage) < 0 ? long.MaxValue : _usage.Bytes - _usage.Used - Rounded(manifest.Length);
        free = free < 0 ? 0 : free;
        return needed <= free ? string.Empty : "store " + Grouped(needed) + " needed, " + Grouped(free) + " free after pruning";
    }

    private static long Rounded(long bytes)
    {
        return (bytes + Extent - 1) & ~(Extent - 1L);
    }

    // In groups of three: 38,912.
    private static string Grouped(long number)
    {
        string digits = number.ToString();
        string text = string.Empty;
        for (int i = 0; i < digits.Length; i++)
        {
            text += (i > 0 && (digits.Length - i) % 3 == 0 ? "," : string.Empty) + digits[i].ToString();
        }

        return text;
    }
}
