namespace NfRuntime.Native;

/// <summary>Errors of the firmware (firmware/nfr.h, enum nfr_error); the numbers are permanent.</summary>
public static class NativeError
{
    public const int Ok = 0;
    public const int Argument = -1;
    public const int Corrupt = -2;
    public const int Version = -3;
    public const int Unsupported = -4;
    public const int NoMemory = -5;
    public const int Signature = -6;
    public const int Rollback = -7;
    public const int Budget = -8;
    public const int Port = -9;
    public const int Busy = -10;
    public const int SelfTest = -11;
    public const int NotFound = -12;
    public const int NoSpace = -13;
    public const int Empty = -14;
    public const int Foreign = -15;
    public const int State = -16;

    /// <summary>What an error means, as the rest of a sentence about the thing concerned.</summary>
    public static string Describe(int error)
    {
        switch (error)
        {
            case Ok: return "is right";
            case Argument: return "was used wrongly or out of order";
            case Corrupt: return "breaks a rule of its format, or its hash is another";
            case Version: return "has a version that this firmware does not know";
            case Unsupported: return "needs an operator, layout or capability that this firmware lacks";
            case NoMemory: return "needs more memory than there is";
            case Signature: return "is not signed by a key that may sign it";
            case Rollback: return "is older than what this device accepts";
            case Budget: return "has an operator whose smallest unit exceeds the board's slice";
            case Port: return "could not be checked or kept: the board's crypto or flash failed";
            case Busy: return "must wait: another capsule is running";
            case SelfTest: return "does not give its golden outputs";
            case NotFound: return "is not on this device";
            case NoSpace: return "needs more flash, or more entries of the store's index, than there are";
            case Empty: return "lies on flash without a store: it has to be formatted";
            case Foreign: return "is a store of another device or of other flash geometry";
            case State: return "is in a state in which the lifecycle does not allow this";
            default: return "failed with error " + error.ToString();
        }
    }
}
