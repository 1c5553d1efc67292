using System.Collections.Generic;

namespace NfRuntime.Fleet.Protocol;

/// <summary>Why a version was refused, struck or rejected: enum nfr_reason and the agent's (PROTOCOL.md §4.3), as sentences.</summary>
public static class Reasons
{
    public const int None = 0;
    public const int SelfTest = 9;
    public const int Health = 11;
    public const int Operator = 17;
    private const int DetailOutput = 1023;

    private static readonly Dictionary<int, (string Clause, string Remedy)> Table = new()
    {
        [1] = ("its signature is wrong, or the key may not sign this name", "Sign it with a key that the key list allows for this name, or publish a key list with the key."),
        [2] = ("its bytes break a rule of the format", "Build it again with the tool that matches the device's firmware."),
        [3] = ("what arrived has another digest than what was announced", "The device tries again by itself. When it goes on, push the image again: what the source serves is not what was signed."),
        [4] = ("it needs more memory than this device has free", "Compile a smaller model, or remove another capsule from the device."),
        [5] = ("it needs a feature that this device lacks", "Build the image for this device's target and firmware."),
        [6] = ("its security counter is below the lowest one that this device accepts", "Deploy a version whose security counter is not lower."),
        [7] = ("the flash has no room for it", "Remove a capsule that is not needed, or deploy a smaller one."),
        [8] = ("the firmware that runs now cannot execute it", "Build the image for the firmware that the device runs now."),
        [SelfTest] = ("its answers differ from the golden vectors", "Build it again: its weights, its plan or its golden vectors are not of one build."),
        [10] = ("it missed its deadline while it was on trial", "Compile a faster model, or declare a longer deadline."),
        [Health] = ("it broke a health rule", "Look at the device's log, correct the capsule or the rules, and deploy a new version."),
        [12] = ("inferences of it failed", "Look at the device's log. Have the samples the size that the capsule takes? Deploy a corrected version, or the same one with --retry."),
        [13] = ("the watchdog had to reset the device while it was on trial", "Look at the capsule's run time; deploy a version that ends in time."),
        [14] = ("the firmware crashed while it was on trial", "Look at the device's log; deploy another version."),
        [15] = ("the supply voltage broke down while it was on trial", "Check the device's supply, then deploy with --retry."),
        [16] = ("the device was reset without a plan while it was on trial", "If the reset was not the capsule's fault, deploy with --retry."),
        [Operator] = ("the operator rolled it back", "To try it again, deploy with --retry."),
        [18] = ("a part of it was found broken on flash", "The device fetches it again by itself; when it comes back, the device's flash wears out."),
        [19] = ("a part of it is missing on flash", "The device fetches it again by itself; see that a distributor or the registry has the image."),
        [20] = ("three candidates of this name failed one after the other", "Find out why they failed, then deploy with --retry."),
        [21] = ("this very version was rejected before", "Deploy a corrected version, or the same one with --retry."),
        [22] = ("it is the confirmed version already", "Nothing is to be done."),
        [23] = ("its managed code was refused by the gate", "Use only what the capsule's capabilities open."),
        [24] = ("it has no golden vectors to be tested with", "Build it with golden vectors."),
        [128] = ("the desired document was older than one that the device had seen", "Nothing: the controller writes a newer one. Is a second controller at work?"),
        [129] = ("the desired document was of a version that the device does not know", "Update the device's firmware, or use a controller of its version."),
        [130] = ("the desired document was malformed", "Somebody else than the controller may be writing it: check the broker's access rules."),
        [131] = ("its manifest is of another name", "Push the image again under the name that it was built with."),
        [132] = ("the key list was refused", "Publish a key list that the device's root key has signed, with a higher version."),
        [133] = ("its blocks are larger than this device can take", "Compile a smaller model for this device, or serve it by HTTP."),
        [134] = ("its managed code failed", "Look at the device's log, correct the processor and deploy a new version."),
        [135] = ("its answers disagree with the confirmed version's", "Look at the shadow's numbers in capsule stats before you deploy it again."),
    };

    /// <summary>A clause about a version: "its answers differ from the golden vectors (case 3, operator 5)".</summary>
    public static string Clause(int reason, int detail) => reason switch
    {
        SelfTest => Table[SelfTest].Clause + SelfTestDetail(detail),
        Health => $"it broke health rule {detail}",
        _ => Table.TryGetValue(reason, out (string Clause, string Remedy) entry) ? entry.Clause : $"a reason that this version does not know: {reason}",
    };

    /// <summary>What an operator can do about it.</summary>
    public static string Remedy(int reason) => Table.TryGetValue(reason, out (string Clause, string Remedy) entry) ? entry.Remedy : "Update the controller: the device is newer.";

    /// <summary>All reasons with a text.</summary>
    public static IEnumerable<int> All => Table.Keys;

    // firmware/store: case << 10 | operator; 1,023: no operator, the output itself.
    private static string SelfTestDetail(int detail) => (detail & DetailOutput) == DetailOutput
        ? $" (case {detail >> 10}, the output itself)"
        : $" (case {detail >> 10}, operator {detail & DetailOutput})";
}
