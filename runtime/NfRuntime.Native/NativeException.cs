using System;

namespace NfRuntime.Native;

/// <summary>The firmware refused.</summary>
public sealed class NativeException : Exception
{
    /// <summary>An error of the firmware about <paramref name="subject"/>, such as "the capsule".</summary>
    public NativeException(string subject, int error)
        : base(subject + " " + NativeError.Describe(error))
    {
        Error = error;
    }

    /// <summary>One of <see cref="NativeError"/>.</summary>
    public int Error { get; }

    /// <summary>Passes results through and throws on errors.</summary>
    /// <exception cref="NativeException"><paramref name="result"/> is negative.</exception>
    public static int Check(string subject, int result)
    {
        if (result < 0)
        {
            throw new NativeException(subject, result);
        }

        return result;
    }
}
