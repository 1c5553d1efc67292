using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using NfRuntime.Agent.Lifecycle;
using NfRuntime.Agent.Protocol;
using Xunit;

namespace NfRuntime.Agent.Tests.Protocol;

/// <summary>The agent's numbers are the firmware's (firmware/store/nfr_lifecycle.h).</summary>
public class NumberTests
{
    [Fact]
    public void States_events_and_reasons_are_the_header_s()
    {
        string header = File.ReadAllText(Path.Combine(Vectors.Root, "firmware", "store", "nfr_lifecycle.h"));
        Dictionary<string, int> numbers = [];
        foreach (string name in new[] { "STATE", "REASON" })
        {
            foreach (Match match in Regex.Matches(header, $@"^\s*NFR_{name}_([A-Z_]+) = (\d+),", RegexOptions.Multiline))
            {
                numbers[(name + match.Groups[1].Value).Replace("_", string.Empty, System.StringComparison.Ordinal).ToUpperInvariant()] = int.Parse(match.Groups[2].Value);
            }
        }

        foreach ((Match match, int index) in Regex.Matches(header, @"^\s*NFR_EVENT_([A-Z_]+),", RegexOptions.Multiline).Select((m, i) => (m, i)))
        {
            numbers[("EVENT" + match.Groups[1].Value).Replace("_", string.Empty, System.StringComparison.Ordinal)] = index;
        }

        int compared = Compare(typeof(LifecycleNumbers), string.Empty, numbers) + Compare(typeof(AgentReason), "REASON", numbers);
        Assert.True(compared >= 30, $"{compared} numbers compared");
    }

    private static int Compare(System.Type type, string prefix, Dictionary<string, int> numbers)
    {
        int compared = 0;
        foreach (FieldInfo field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            if (numbers.TryGetValue((prefix + field.Name).ToUpperInvariant(), out int number))
            {
                Assert.Equal(number, (int)field.GetRawConstantValue()!);
                compared++;
            }
        }

        return compared;
    }
}
