using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using NfRuntime.Images.Capsule;

namespace NfRuntime.Images.Tests.Capsule;

/// <summary>The plain text beside the binary vectors; C tests read it line by line.</summary>
internal static class VectorText
{
    /// <summary>vectors.txt: one line a file.</summary>
    public static string Index(IEnumerable<CapsuleVector> vectors)
    {
        var text = new StringBuilder("""
            # Capsule test vectors (firmware/capsule/SPEC.md). Written by the tests of NfRuntime.Images with NFR_UPDATE_VECTORS=1.
            # kind file floor error name rule
            # floor: lowest accepted security counter (manifest) or key-list version (keylist). rule: the host's name of the broken rule.
            # Manifests are judged with the keys of keys.bin; key lists with the root key root.bin (x, y). The private keys are test-only and public.

            """);
        foreach (CapsuleVector v in vectors)
        {
            text.Append(CultureInfo.InvariantCulture, $"{v.Kind} {v.Name}.bin {v.Floor} {(int)v.Error} {Name(v.Error)} {(v.Rule.Length == 0 ? "-" : v.Rule)}\n");
        }

        return text.ToString();
    }

    /// <summary>fields.txt: file, field, value of every good manifest.</summary>
    public static string Fields(IEnumerable<CapsuleVector> vectors)
    {
        var text = new StringBuilder("# What each good manifest says: file field value. Numbers are decimal, bytes hex in file order.\n");
        foreach (CapsuleVector v in vectors.Where(v => v.Kind == "manifest" && v.Error == DeviceError.None))
        {
            foreach ((string field, object value) in Fields(ManifestReader.ReadUnverified(v.Bytes)))
            {
                text.Append(CultureInfo.InvariantCulture, $"{v.Name}.bin {field} {value}\n");
            }
        }

        return text.ToString();
    }

    private static IEnumerable<(string Field, object Value)> Fields(CapsuleManifest m)
    {
        CapsuleNeeds n = m.Needs;
        byte[] operators = new byte[16];
        foreach (int kind in m.Operators.Kinds())
        {
            operators[kind / 8] |= (byte)(1 << (kind % 8));
        }

        (string, object)[] fixedFields =
        [
            ("name", m.Name), ("version", m.Version), ("security_counter", m.SecurityCounter), ("target", m.Target),
            ("abi_major", m.Engine.AbiMajor), ("abi_minor", m.Engine.AbiMinor), ("plan_major", m.Engine.PlanMajor),
            ("plan_minor", m.Engine.PlanMinor), ("layouts", m.Engine.Layouts),
            ("needs.state", n.StateBytes), ("needs.arena", n.ArenaBytes), ("needs.input_copies", n.InputCopyBytes),
            ("needs.stack", n.StackBytes), ("needs.deadline_ms", n.DeadlineMs), ("needs.managed_heap", n.ManagedHeapBytes),
            ("operators", Convert.ToHexStringLower(operators)), ("capabilities", (uint)m.Capabilities),
            ("processor", m.Processor ?? "-"), ("pre_count", m.Pre.Count), ("post", m.Post is null ? 0 : 1),
        ];
        IEnumerable<(string, object)> sections = m.Sections.SelectMany(s => ((string, object)[])
            [($"section.{(int)s.Kind}.size", s.Size), ($"section.{(int)s.Kind}.sha256", s.Digest.Hex)]);
        return [.. fixedFields, .. sections];
    }

    private static string Name(DeviceError error) => error switch
    {
        DeviceError.None => "NFR_OK",
        DeviceError.Corrupt => "NFR_ERR_CORRUPT",
        DeviceError.Version => "NFR_ERR_VERSION",
        DeviceError.Unsupported => "NFR_ERR_UNSUPPORTED",
        DeviceError.Signature => "NFR_ERR_SIGNATURE",
        DeviceError.Rollback => "NFR_ERR_ROLLBACK",
        _ => throw new ArgumentOutOfRangeException(nameof(error)),
    };
}
