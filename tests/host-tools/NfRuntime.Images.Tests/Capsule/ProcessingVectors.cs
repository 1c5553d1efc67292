using System;
using System.Buffers.Binary;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using NfRuntime.Images.Capsule;

namespace NfRuntime.Images.Tests.Capsule;

/// <summary>pre.txt: one feed of whole tensors through random affines, with the ties and extremes that rounding gets wrong.</summary>
internal static class ProcessingVectors
{
    private const int Elements = 24;
    private static readonly float[] Awkward =
        [0, -0.0f, 0.5f, -0.5f, 1.5f, 2.5f, -2.5f, 0.49999997f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon, 127.5f, -128.5f];

    public static string Text()
    {
        var random = new Random(20_26);
        var text = new StringBuilder("# Declarative pre-processing (SPEC 2), no window, 24 elements: value of the TLV, bytes of a tensor element, zero point, feed, tensor.\n");
        for (int i = 0; i < 60; i++)
        {
            AppendLine(text, random, (SampleSource)(i % 4), 1 + (i / 4 % 4), 1 + (i / 16 % 2));
        }

        return text.ToString();
    }

    private static void AppendLine(StringBuilder text, Random random, SampleSource source, int channels, int width)
    {
        var pre = new PreProcessing { Input = 0, Source = source, Channels = [.. Enumerable.Range(0, channels).Select(_ => Affine(source, random))] };
        int zeroPoint = random.Next(-128, 128);
        int max = (1 << ((8 * width) - 1)) - 1;
        var feed = new MemoryStream();
        var tensor = new MemoryStream();
        for (int i = 0; i < Elements; i++)
        {
            int q = Element(pre.Channels[i % channels], source, random, feed, zeroPoint, max);
            tensor.Write([.. BitConverter.GetBytes((short)q).Take(width)]); // .NET runs on little-endian machines
        }

        text.Append(CultureInfo.InvariantCulture, $"{Hex(Encode(pre))} {width} {zeroPoint} {Hex(feed.ToArray())} {Hex(tensor.ToArray())}\n");
    }

    private static int Element(ChannelAffine affine, SampleSource source, Random random, MemoryStream feed, int zeroPoint, int max)
    {
        Span<byte> sample = stackalloc byte[4];
        if (source == SampleSource.Float32)
        {
            float x = random.Next(2) == 0 ? Awkward[random.Next(Awkward.Length)] : (random.NextSingle() - 0.5f) * 300;
            BinaryPrimitives.WriteSingleLittleEndian(sample, x);
            feed.Write(sample);
            return ((FloatAffine)affine).Apply(x, zeroPoint, -max - 1, max);
        }

        bool wide = source == SampleSource.Int16;
        short value = (short)(wide ? random.Next(-32_768, 32_768) : source == SampleSource.Int8 ? random.Next(-128, 128) : random.Next(256));
        value = random.Next(8) == 0 && wide ? short.MinValue : value;
        BinaryPrimitives.WriteInt16LittleEndian(sample, value);
        feed.Write(sample[..(wide ? 2 : 1)]);
        return (int)Math.Clamp(((IntegerAffine)affine).Apply(value), -max - 1, max);
    }

    private static ChannelAffine Affine(SampleSource source, Random random)
    {
        if (source == SampleSource.Float32)
        {
            return random.Next(3) == 0 ? new FloatAffine(1, 0) : new FloatAffine((random.NextSingle() - 0.5f) * 4, random.Next(-64, 64) / 2f);
        }

        int shift = random.Next(0, 41);
        return random.Next(4) switch
        {
            0 => new IntegerAffine(int.MinValue, (byte)shift, (1L << 55) - 1),
            1 => new IntegerAffine(1, 1, random.Next(-20, 20)),
            _ => new IntegerAffine((int)Math.Clamp(random.NextInt64(-2, 3) << shift, int.MinValue, int.MaxValue) + random.Next(100), (byte)shift, random.NextInt64(-100, 100) << Math.Min(shift, 40)),
        };
    }

    private static byte[] Encode(PreProcessing pre)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        ProcessingCodec.Write(writer, pre);
        return stream.ToArray();
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
