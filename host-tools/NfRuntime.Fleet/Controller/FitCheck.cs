using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images.Capsule;

namespace NfRuntime.Fleet.Control;

/// <summary>Whether a device could take a capsule at all: the rules of firmware/capsule (nfr_fits) on what the device says it has.</summary>
internal static class FitCheck
{
    /// <summary>What is missing, each as a clause; empty: it fits an empty device. What is in use just now only the device knows.</summary>
    public static IReadOnlyList<string> Deficits(CapsuleManifest manifest, CapabilityDocument device)
    {
        EngineRequirement engine = manifest.Engine;
        CapsuleNeeds needs = manifest.Needs;
        var deficits = new List<string>();
        Demand(manifest.Target == device.Target, $"it is built for {manifest.Target}, and this is a {Clean.Text(device.Target)}");
        Demand(engine.AbiMajor == device.Abi.Major && engine.AbiMinor <= device.Abi.Minor,
            $"engine ABI {engine.AbiMajor}.{engine.AbiMinor} needed, {device.Abi.Major}.{device.Abi.Minor} here");
        Demand(engine.PlanMajor == device.Plan.Major, $"plan format {engine.PlanMajor} needed, {device.Plan.Major} here");
        Demand((engine.Layouts & ~device.Layouts) == 0, $"a weight layout needed that its firmware does not have (bit set {engine.Layouts & ~device.Layouts:x})");
        int[] missing = [.. manifest.Operators.Kinds().Where(k => ((device.Operators >> k) & 1) == 0)];
        Demand(missing.Length == 0, $"operators needed that its firmware does not have (kinds {string.Join(", ", missing)})");
        Demand(((uint)manifest.Capabilities & ~device.Capabilities) == 0, $"capabilities needed that it does not open: {manifest.Capabilities & (CapsuleCapabilities)~device.Capabilities}");
        Room("state", (ulong)needs.StateBytes + needs.InputCopyBytes, device.StateBytes);
        Room("arena", needs.ArenaBytes, device.ArenaBytes);
        Room("stack", needs.StackBytes, device.StackBytes);
        Room("managed heap", needs.ManagedHeapBytes, device.ManagedHeapBytes);
        Room("store", (ulong)manifest.Sections.Sum(s => (long)s.Size), device.StoreBytes);
        return deficits;

        void Demand(bool holds, string otherwise)
        {
            if (!holds)
            {
                deficits.Add(otherwise);
            }
        }

        void Room(string what, ulong needed, ulong there) =>
            Demand(needed <= there, string.Create(CultureInfo.InvariantCulture, $"{what} {needed:N0} needed, {there:N0} there"));
    }
}
