using System;

namespace NfRuntime.Fleet.Control;

/// <summary>Something that an operator asked for and that is not done.</summary>
/// <param name="code">Number of CAPSULEnnnn (API.md).</param>
/// <param name="status">Of HTTP.</param>
/// <param name="message">One sentence.</param>
/// <param name="remedy">What to do, or null.</param>
/// <param name="inner">The cause, or null.</param>
public sealed class FleetException(int code, int status, string message, string? remedy = null, Exception? inner = null) : Exception(message, inner)
{
    public int Code { get; } = code;

    public int Status { get; } = status;

    public string? Remedy { get; } = remedy;

    internal static FleetException NoDevice(string device) => new(8004, 404, $"there is no device {device}", "capsule devices lists those that are known.");

    internal static FleetException Wrong(string message) => new(8006, 400, message);
}
