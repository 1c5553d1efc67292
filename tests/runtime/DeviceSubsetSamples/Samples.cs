using System;
using System.Collections.Generic;

namespace System.Runtime.CompilerServices
{
    // As the compiler embeds it for netnano1.0 when nullable annotations are on.
    internal sealed class NullableAttribute : Attribute
    {
    }
}

namespace DeviceSubsetSamples
{
    public enum Colour
    {
        Red,
    }

    public interface IDefault
    {
        int Twice(int x)
        { // expect: default-interface-method
            return 2 * x;
        }
    }

    public class Box<T>
    {
        public int Length()
        { // expect: generic-type
            return 1;
        }
    }

    public static class Wrong
    {
        public static T Same<T>(T x)
        { // expect: generic-method
            return x;
        }

        public static int CallsGeneric()
        {
            return Same(3); // expect: generic-method
        }

        public static int UsesFunc(int x)
        {
            return new Func<int, int>(Increment)(x); // expect: generic-type
        }

        public static object UsesList()
        {
            return new List<int>(); // expect: generic-type
        }

        public static object Matrix()
        {
            return new int[2, 3]; // expect: multi-dimensional-array
        }

        public static int Checked(int a, int b)
        {
            return checked(a + b); // expect: checked-arithmetic
        }

        public static string EnumText(Colour colour)
        {
            return colour.ToString(); // expect: enum-text
        }

        public static string EnumInterpolated(Colour colour)
        {
            return string.Concat("c", (object)colour); // expect: enum-text
        }

        public static unsafe int Stack()
        {
            int* p = stackalloc int[4]; // expect: stackalloc
            return p[0];
        }

        public static unsafe int Fixed(byte[] data)
        { // expect: pointer
            fixed (byte* p = data)
            {
                return *p;
            }
        }

        private static int Increment(int x)
        {
            return x + 1;
        }
    }

    public static class Right
    {
        public delegate int Step(int x);

        public static int Jagged(int n)
        {
            int[][] rows = new int[n][];
            rows[0] = new int[] { 1, 2, 3 };
            Step step = x => x + n;
            return step(rows[0][1]) + (n is > 3 and < 9 ? 1 : 2);
        }

        public static string Text(float x)
        {
            return string.Format("x = {0}", x.ToString("F2"));
        }
    }
}
