// Signatures of nanoFramework's System.IO.Streams 1.1.96 that runtime/ uses; bodies are never run.
[assembly: System.Reflection.AssemblyVersion("1.1.96.0")]

namespace System.IO
{
    public abstract class Stream : MarshalByRefObject, IDisposable
    {
        protected Stream()
        {
        }

        public virtual int ReadTimeout
        {
            get => throw null;
            set => throw null;
        }

        public virtual void Close() => throw null;

        public void Dispose() => throw null;

        public abstract void Flush();

        public abstract int Read(byte[] buffer, int offset, int count);

        public abstract void Write(byte[] buffer, int offset, int count);
    }
}
