using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using NfRuntime.Images.Capsule;
using NfRuntime.Native;
using Xunit;

namespace NfRuntime.Runtime.Tests;

/// <summary>The firmware's error numbers stand in firmware/nfr.h; what C# says of them is compared with it.</summary>
public partial class ErrorNumberTests
{
    private static readonly SortedDictionary<int, string> _firmware = ReadFirmware();

    [Fact]
    public void The_managed_face_has_every_error_of_the_firmware()
    {
        var managed = new SortedDictionary<int, string>(typeof(NativeError).GetFields(BindingFlags.Public | BindingFlags.Static)
            .ToDictionary(field => (int)field.GetRawConstantValue()!, field => field.Name));
        Assert.Equal(_firmware, managed);
        Assert.True(_firmware.Count >= 17, $"{_firmware.Count} errors seen");
    }

    [Fact]
    public void Every_error_has_a_sentence_of_its_own()
    {
        string[] sentences = [.. _firmware.Keys.Select(NativeError.Describe)];
        Assert.DoesNotContain(sentences, sentence => sentence.StartsWith("failed with error", StringComparison.Ordinal));
        Assert.Equal(sentences.Length, sentences.Distinct().Count());
        Assert.Equal("failed with error -99", NativeError.Describe(-99));
    }

    [Fact]
    public void The_tools_name_errors_as_the_firmware_does()
    {
        foreach (DeviceError error in Enum.GetValues<DeviceError>().Where(error => error != DeviceError.None))
        {
            Assert.Equal(_firmware[(int)error], error.ToString());
        }
    }

    // NFR_ERR_NO_MEMORY = -5 becomes NoMemory; NFR_OK becomes Ok.
    private static SortedDictionary<int, string> ReadFirmware()
    {
        string text = File.ReadAllText(Path.Combine(DeviceAssemblies.Root, "firmware", "nfr.h"));
        return new(Constant().Matches(text).ToDictionary(
            match => int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture),
            match => string.Concat(match.Groups[1].Value.Split('_').Select(word => word[0] + word[1..].ToLowerInvariant()))));
    }

    [GeneratedRegex(@"^\s*NFR_(?:ERR_)?([A-Z_]+) = (-?\d+),", RegexOptions.Multiline)]
    private static partial Regex Constant();
}
