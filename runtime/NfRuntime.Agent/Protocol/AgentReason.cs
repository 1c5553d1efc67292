namespace NfRuntime.Agent.Protocol;

/// <summary>Why: enum nfr_reason (firmware/store/nfr_lifecycle.h, below 128) and the agent's own (PROTOCOL.md §4.3). Numbers are permanent.</summary>
public static class AgentReason
{
    public const int None = 0;
    public const int Signature = 1;
    public const int Corrupt = 2;
    public const int Digest = 3;
    public const int DoesNotFit = 4;
    public const int Unsupported = 5;
    public const int Rollback = 6;
    public const int NoSpace = 7;
    public const int Abi = 8;
    public const int SelfTest = 9;
    public const int Deadline = 10;
    public const int Health = 11;
    public const int Fault = 12;
    public const int Operator = 17;
    public const int Damaged = 18;
    public const int Missing = 19;
    public const int TooManyFailures = 20;
    public const int AlreadyRejected = 21;
    public const int AlreadyHere = 22;
    public const int Gate = 23;
    public const int Generation = 128;
    public const int Version = 129;
    public const int Document = 130;
    public const int Name = 131;
    public const int Keys = 132;
    public const int Buffer = 133;
    public const int Processor = 134;
    public const int Shadow = 135;
}
