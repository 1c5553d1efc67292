using System;
using System.Collections.Generic;
using System.Text;

namespace NfRuntime.Images.Capsule;

/// <summary>The labels section: firmware/capsule/SPEC.md, section 6.</summary>
public static class LabelsFile
{
    public const int MaxBytes = 65_536;
    public const int MaxLabels = 1_024;
    public const int MaxLabelBytes = 64;
    private const string Document = "labels";
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>One label a class, in order.</summary>
    /// <exception cref="ManifestFormatException">A label is empty, too long, or holds control characters; or there are none or too many.</exception>
    public static byte[] Write(IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        byte[] bytes = Encoding.UTF8.GetBytes(string.Join('\n', labels));
        return Read(bytes).Count == labels.Count
            ? bytes
            : throw new ManifestFormatException(Document, 0, "label-text", "a label holds a line break");
    }

    /// <exception cref="ManifestFormatException">The bytes break a rule of the format.</exception>
    public static IReadOnlyList<string> Read(ReadOnlySpan<byte> bytes)
    {
        var cursor = new ByteCursor(bytes, Document);
        cursor.Require(bytes.Length is >= 1 and <= MaxBytes, "size", $"the section has {bytes.Length} bytes; 1 to {MaxBytes} are allowed");
        var labels = new List<string>();
        while (true)
        {
            int end = bytes[cursor.Offset..].IndexOf((byte)'\n');
            cursor.Require(labels.Count < MaxLabels, "label-count", $"more than {MaxLabels} labels");
            labels.Add(ReadLabel(ref cursor, end < 0 ? cursor.Remaining : end));
            if (end < 0)
            {
                return labels;
            }

            _ = cursor.U8();
        }
    }

    private static string ReadLabel(ref ByteCursor cursor, int length)
    {
        cursor.Require(length is >= 1 and <= MaxLabelBytes, "label-length", $"a label has {length} bytes; 1 to {MaxLabelBytes} are allowed");
        ByteCursor at = cursor;
        try
        {
            string label = Strict.GetString(cursor.Take(length));
            foreach (char c in label)
            {
                at.Require(!char.IsControl(c), "label-text", $"a label holds control character U+{(int)c:X4}");
            }

            return label;
        }
        catch (DecoderFallbackException)
        {
            throw at.Fail("label-utf8", "not well-formed UTF-8");
        }
    }
}
