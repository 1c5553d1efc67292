// Signatures of nanoFramework.Runtime.Native 1.7.11 that runtime/ uses; bodies are never run.
using System;
using System.Runtime.CompilerServices;

[assembly: System.Reflection.AssemblyVersion("1.7.11.0")]

namespace System
{
    public static class Environment
    {
        public static long TickCount64 => throw null;
    }
}

namespace nanoFramework.Runtime.Native
{
    public static class GC
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern uint Run(bool compactHeap);
    }

    public class Power
    {
        public Power()
        {
        }

        public static void RebootDevice(RebootOption rebootOption = RebootOption.NormalReboot) => throw null;
    }

    public enum RebootOption
    {
        NormalReboot = 0,
        ClrOnly = 2,
    }

    public static class Rtc
    {
        public static bool SetSystemTime(DateTime time) => throw null;
    }
}
