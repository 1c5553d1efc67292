// Signatures of nanoFramework.System.Text 1.3.42 that runtime/ uses; bodies are never run.
[assembly: System.Reflection.AssemblyVersion("1.3.42.0")]

namespace System.Text
{
    public abstract class Encoding
    {
        protected Encoding()
        {
        }

        public static Encoding UTF8 => throw null;

        public virtual byte[] GetBytes(string s) => throw null;

        public virtual string GetString(byte[] bytes, int index, int count) => throw null;
    }
}
