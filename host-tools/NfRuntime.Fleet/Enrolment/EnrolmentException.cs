using System;

namespace NfRuntime.Fleet.Enrolment;

/// <summary>Why an enrolment was refused. The numbers of API.md stand beside them.</summary>
public enum EnrolmentRefusal
{
    /// <summary>Unknown, used, expired, or bound to another device: CAPSULE8007, 403.</summary>
    Token,

    /// <summary>A name or the signing request is wrong: CAPSULE8006, 400.</summary>
    Request,

    /// <summary>The device is enrolled or revoked, or the key is known already: 409.</summary>
    Conflict,

    /// <summary>No device of that name has been enrolled: CAPSULE8004, 404.</summary>
    NoSuchDevice,
}

/// <summary>An enrolment was refused; nothing has changed. The message is one sentence.</summary>
public sealed class EnrolmentException(EnrolmentRefusal refusal, string message) : Exception(message)
{
    public EnrolmentRefusal Refusal { get; } = refusal;
}
