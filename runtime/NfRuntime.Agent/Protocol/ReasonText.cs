using NfRuntime.Native;

namespace NfRuntime.Agent.Protocol;

/// <summary>Reasons in words, for log entries; and the reason of an error of the firmware.</summary>
public static class ReasonText
{
    /// <summary>As a clause about a version.</summary>
    public static string Of(int reason)
    {
        switch (reason)
        {
            case AgentReason.None: return "for no reason";
            case AgentReason.Signature: return "it is not signed by a key that may sign it";
            case AgentReason.Corrupt: return "its manifest or a section breaks a rule of its format";
            case AgentReason.Digest: return "what was received has another SHA-256";
            case AgentReason.DoesNotFit: return "it does not fit this device";
            case AgentReason.Unsupported: return "it needs what this firmware lacks";
            case AgentReason.Rollback: return "its security counter is below the floor";
            case AgentReason.NoSpace: return "there is no room in the store";
            case AgentReason.Abi: return "this firmware cannot run it";
            case AgentReason.SelfTest: return "its answers differ from the golden vectors";
            case AgentReason.Deadline: return "it missed its deadline";
            case AgentReason.Health: return "it broke a health rule";
            case AgentReason.Fault: return "an inference failed";
            case 13: return "the watchdog bit while it served";
            case 14: return "the device panicked while it served";
            case 15: return "the supply failed while it served";
            case 16: return "the device was reset while it served";
            case AgentReason.Gate: return "its managed code did not pass the gate";
            case 24: return "it has no golden vectors";
            case AgentReason.Operator: return "the operator said so";
            case AgentReason.Damaged: return "the flash under it failed";
            case AgentReason.Missing: return "a part of it is not there any more";
            case AgentReason.TooManyFailures: return "three versions of it failed, one after the other";
            case AgentReason.AlreadyRejected: return "it was rejected before";
            case AgentReason.AlreadyHere: return "it is here already";
            case AgentReason.Name: return "its manifest is of another name";
            case AgentReason.Buffer: return "its blocks are larger than this device can take";
            case AgentReason.Processor: return "its managed code failed";
            case AgentReason.Shadow: return "it disagrees with the confirmed version";
            default: return "of reason " + reason.ToString();
        }
    }

    /// <summary>nfr_reason_of_error of firmware/store/nfr_lifecycle.h.</summary>
    public static int OfError(int error)
    {
        switch (error)
        {
            case NativeError.Signature: return AgentReason.Signature;
            case NativeError.Corrupt: return AgentReason.Corrupt;
            case NativeError.Version:
            case NativeError.Unsupported: return AgentReason.Abi;
            case NativeError.NoMemory:
            case NativeError.Budget: return AgentReason.DoesNotFit;
            case NativeError.Rollback: return AgentReason.Rollback;
            case NativeError.SelfTest: return AgentReason.SelfTest;
            case NativeError.NoSpace: return AgentReason.NoSpace;
            case NativeError.NotFound: return AgentReason.Missing;
            case NativeError.Port: return AgentReason.Damaged;
            default: return AgentReason.Fault;
        }
    }
}
