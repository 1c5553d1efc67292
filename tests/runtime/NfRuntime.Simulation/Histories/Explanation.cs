using NfRuntime.Agent.Protocol;
using NfRuntime.Simulation.Capsules;
using NfRuntime.Simulation.World;

namespace NfRuntime.Simulation.Histories;

/// <summary>
/// Which reasons a device may state for which capsule. That it states one is not enough: a good capsule that ends with "another SHA-256" on a
/// network that changes no bytes was lost by somebody's fault.
/// </summary>
internal static class Explanation
{
    private const int Watchdog = 13;
    private const int Reset = 16;

    /// <summary>Whether a reason says nothing of the version: the device tries again by itself, and is not at rest.</summary>
    public static bool IsChance(int reason) => reason is AgentReason.Digest or AgentReason.Damaged or AgentReason.Missing or AgentReason.NoSpace;

    /// <summary>Whether the capsule's flaw, or what happened to the device, explains the reason.</summary>
    /// <param name="capsule">What was wanted.</param>
    /// <param name="reason">1 …</param>
    /// <param name="floor">Least counter that the device takes for this name.</param>
    public static bool Holds(TinyCapsule capsule, int reason, uint floor) => reason switch
    {
        AgentReason.Rollback => capsule.Counter < floor,
        AgentReason.TooManyFailures => true, // the versions before it are not known here
        >= Watchdog and <= Reset or AgentReason.Operator => !capsule.MustNeverServe, // resets while it served; the operator went back to the one before it
        AgentReason.Shadow => Wish.MustAgree(capsule) && !capsule.MustNeverServe,
        AgentReason.Missing => capsule.Flaw == Flaw.WrongBytes, // a distributor that looks serves nothing that is damaged
        _ => reason == Of(capsule.Flaw),
    };

    private static int Of(Flaw flaw) => flaw switch
    {
        Flaw.WrongVectors => AgentReason.SelfTest,
        Flaw.UnknownKey or Flaw.RevokedKey or Flaw.BrokenManifest => AgentReason.Signature,
        Flaw.OtherName => AgentReason.Name,
        Flaw.OtherTarget => AgentReason.Unsupported,
        Flaw.TooLarge => AgentReason.DoesNotFit,
        Flaw.FailsInTrial => AgentReason.Fault,
        Flaw.Crashes => Watchdog,
        Flaw.WrongBytes => AgentReason.Digest,
        _ => AgentReason.None,
    };
}
