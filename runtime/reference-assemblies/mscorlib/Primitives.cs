// Signatures of nanoFramework's mscorlib 1.17.11 that runtime/ uses; bodies are never run.
using System.Runtime.CompilerServices;

[assembly: System.Reflection.AssemblyVersion("1.17.11.0")]

namespace System
{
    public class Object
    {
        public virtual string ToString() => throw null;

        [MethodImpl(MethodImplOptions.InternalCall)]
        public virtual extern bool Equals(object obj);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public virtual extern int GetHashCode();

        [MethodImpl(MethodImplOptions.InternalCall)]
        public extern Type GetType();
    }

    public class ValueType
    {
        protected ValueType()
        {
        }
    }

    public class Enum : ValueType
    {
        protected Enum()
        {
        }
    }

    public struct Void
    {
    }

    public struct Boolean
    {
    }

    public struct Byte
    {
        public const byte MaxValue = 255;
    }

    public struct SByte
    {
        public const sbyte MinValue = -128;
        public const sbyte MaxValue = 127;
    }

    public struct Int16
    {
        public const short MinValue = -32768;
        public const short MaxValue = 32767;
    }

    public struct UInt16
    {
    }

    public struct Char
    {
    }

    public struct Int32
    {
        public const int MinValue = -2147483648;
        public const int MaxValue = 2147483647;

        public override string ToString() => throw null;
    }

    public struct UInt32
    {
        public const uint MaxValue = 4294967295;
    }

    public struct Int64
    {
        public const long MinValue = -9223372036854775808;
        public const long MaxValue = 9223372036854775807;

        public override string ToString() => throw null;
    }

    public struct UInt64
    {
        public const ulong MaxValue = 18446744073709551615;

        public override string ToString() => throw null;
    }

    public struct IntPtr
    {
    }

    public struct UIntPtr
    {
    }

    public struct Single
    {
        public static bool IsNaN(float f) => throw null;

        public string ToString(string format) => throw null;
    }

    public struct Double
    {
    }

    public sealed class String
    {
        private String()
        {
        }

        public static readonly string Empty;

        public int Length => throw null;

        [MethodImpl(MethodImplOptions.InternalCall)]
        public extern String(char[] value);

        [IndexerName("Chars")]
        public char this[int index] => throw null;

        public override string ToString() => throw null;

        [MethodImpl(MethodImplOptions.InternalCall)]
        public extern string Substring(int startIndex);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public extern string Substring(int startIndex, int length);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public extern int IndexOf(char value);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public extern string ToLower();

        public bool StartsWith(string value) => throw null;

        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern bool op_Equality(string a, string b);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern bool op_Inequality(string a, string b);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern string Concat(string str0, string str1);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern string Concat(string str0, string str1, string str2);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern string Concat(string str0, string str1, string str2, string str3);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern string Concat(params string[] values);
    }

    public class Array
    {
        protected Array()
        {
        }

        public int Length => throw null;

        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern void Copy(Array sourceArray, int sourceIndex, Array destinationArray, int destinationIndex, int length);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern void Clear(Array array, int index, int length);
    }

    public static class BitConverter
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern byte[] GetBytes(int value);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern int ToInt32(byte[] value, int startIndex);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern float ToSingle(byte[] value, int startIndex);
    }

    public abstract class Type : Reflection.MemberInfo
    {
        protected Type()
        {
        }
    }

    public class Attribute
    {
        protected Attribute()
        {
        }
    }

    public abstract class MarshalByRefObject
    {
        protected MarshalByRefObject()
        {
        }
    }

    public class EventArgs
    {
        public EventArgs()
        {
        }
    }

    public struct DateTime
    {
        public static DateTime UtcNow => throw null;

        public static DateTime FromUnixTimeSeconds(long seconds) => throw null;

        public long ToUnixTimeSeconds() => throw null;
    }

    public class Random
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        public extern Random();

        [MethodImpl(MethodImplOptions.InternalCall)]
        public virtual extern int Next(int maxValue);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public virtual extern void NextBytes(byte[] buffer);
    }

    public interface IDisposable
    {
        void Dispose();
    }

    public struct RuntimeTypeHandle
    {
    }

    public struct RuntimeFieldHandle
    {
    }

    public class Delegate
    {
        protected Delegate()
        {
        }
    }

    public class MulticastDelegate : Delegate
    {
        protected MulticastDelegate()
        {
        }
    }

    public sealed class ParamArrayAttribute : Attribute
    {
        public ParamArrayAttribute()
        {
        }
    }
}
