using System;
using System.Runtime.InteropServices;

namespace NfRuntime.Mosquitto;

/// <summary>libmosquitto refused a call.</summary>
public sealed class MosquittoException : Exception
{
    internal MosquittoException(string call, int code, string? detail = null)
        : base(string.IsNullOrEmpty(detail) ? $"mosquitto {call}: {Describe(code)} ({code})" : $"mosquitto {call}: {Describe(code)} ({code}): {detail}") => Code = code;

    /// <summary>enum mosq_err_t of mosquitto.h, 1–31.</summary>
    public int Code { get; }

    /// <summary>libmosquitto's words for one of its error codes.</summary>
    public static unsafe string Describe(int code) => Marshal.PtrToStringUTF8((nint)Native.Libmosquitto.mosquitto_strerror(code)) ?? "unknown error";

    /// <summary>libmosquitto's words for an MQTT 5 reason code.</summary>
    public static unsafe string DescribeReason(int reasonCode) => Marshal.PtrToStringUTF8((nint)Native.Libmosquitto.mosquitto_reason_string(reasonCode)) ?? "unknown reason";
}
