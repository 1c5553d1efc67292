using System.Runtime.CompilerServices;

namespace System.Threading
{
    public delegate void ThreadStart();

    public sealed class Thread
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        public extern Thread(ThreadStart start);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public extern void Start();

        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern void Sleep(int millisecondsTimeout);
    }

    public static class Monitor
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern void Enter(object obj);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern void Exit(object obj);
    }

    public abstract class WaitHandle : MarshalByRefObject
    {
        protected WaitHandle()
        {
        }

        [MethodImpl(MethodImplOptions.InternalCall)]
        public virtual extern bool WaitOne(int millisecondsTimeout, bool exitContext);

        public virtual bool WaitOne() => throw null;
    }

    public sealed class AutoResetEvent : WaitHandle
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        public extern AutoResetEvent(bool initialState);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public extern bool Set();
    }
}
