using System;
using System.Collections.Generic;
using System.Text;

namespace NfRuntime.Images.Capsule;

/// <summary>The TLVs of a manifest whose header was checked.</summary>
internal ref struct ManifestParser(ReadOnlySpan<byte> bytes)
{
    private ByteCursor _tlvs = new(bytes[..^ManifestFormat.TrailerBytes], ManifestFormat.Document);
    private readonly List<SectionEntry> _sections = [];
    private readonly List<PreProcessing> _pre = [];
    private string? _name;
    private string? _version;
    private uint? _counter;
    private string? _target;
    private EngineRequirement? _engine;
    private CapsuleNeeds? _needs;
    private OperatorSet? _operators;
    private CapsuleCapabilities _capabilities;
    private string? _processor;
    private PostProcessing? _post;

    public CapsuleManifest Parse()
    {
        _ = _tlvs.Take(ManifestFormat.HeaderBytes);
        int previous = -1;
        while (_tlvs.Remaining > 0)
        {
            ushort type = _tlvs.U16();
            _tlvs.Require(type > previous || (type == previous && MayRepeat(type)), "tlv-order", $"type {type:x4} after {previous:x4}");
            previous = type;
            ushort length = _tlvs.U16();
            ByteCursor value = _tlvs.Part(length);
            _tlvs.PadTo4(length);
            Read(type, value);
        }

        return Finish();
    }

    private static bool MayRepeat(ushort type) => type is ManifestFormat.Section or ManifestFormat.Pre || (type & ManifestFormat.Critical) == 0;

    private void Read(ushort type, ByteCursor value)
    {
        switch (type)
        {
            case ManifestFormat.Name: _name = Text(value, "name", ManifestText.IsName); break;
            case ManifestFormat.Version: _version = Text(value, "version", ManifestText.IsVersion); break;
            case ManifestFormat.Counter: _counter = Sized(value, 4).U32(); break;
            case ManifestFormat.Target: _target = Text(value, "target", ManifestText.IsTarget); break;
            case ManifestFormat.Engine: _engine = ReadEngine(Sized(value, 12)); break;
            case ManifestFormat.Needs: _needs = ReadNeeds(Sized(value, 24)); break;
            case ManifestFormat.Operators: _operators = ReadOperators(Sized(value, 16)); break;
            case ManifestFormat.Capabilities: _capabilities = ReadCapabilities(Sized(value, 4)); break;
            case ManifestFormat.Processor: _processor = Text(value, "processor", ManifestText.IsProcessor); break;
            case ManifestFormat.Section: ReadSection(Sized(value, 40)); break;
            case ManifestFormat.Pre: ReadPre(value); break;
            case ManifestFormat.Post: _post = ProcessingCodec.ReadPost(value); break;
            default:
                value.Require((type & ManifestFormat.Critical) == 0, "tlv-critical", $"critical type {type:x4} is unknown", DeviceError.Unsupported);
                break;
        }
    }

    private static ByteCursor Sized(ByteCursor value, int bytes)
    {
        value.Require(value.Remaining == bytes, "tlv-length", $"{value.Remaining} bytes; {bytes} are expected");
        return value;
    }

    private static string Text(ByteCursor value, string field, Func<ReadOnlySpan<char>, bool> isValid)
    {
        ByteCursor at = value;
        string text = Encoding.Latin1.GetString(value.Take(value.Remaining));
        at.Require(isValid(text), field, $"not a {field}");
        return text;
    }

    private static EngineRequirement ReadEngine(ByteCursor value)
    {
        (ushort abiMajor, ushort abiMinor, byte planMajor, byte planMinor) = (value.U16(), value.U16(), value.U8(), value.U8());
        value.Zeros(2);
        return new EngineRequirement(abiMajor, abiMinor, planMajor, planMinor, value.U32());
    }

    private static CapsuleNeeds ReadNeeds(ByteCursor value) =>
        new(value.U32(), value.U32(), value.U32(), value.U32(), value.U32(), value.U32());

    private static OperatorSet ReadOperators(ByteCursor value)
    {
        ulong low = value.U32() | ((ulong)value.U32() << 32);
        ulong high = value.U32() | ((ulong)value.U32() << 32);
        return new OperatorSet(new UInt128(high, low));
    }

    private static CapsuleCapabilities ReadCapabilities(ByteCursor value)
    {
        ByteCursor at = value;
        uint bits = value.U32();
        at.Require((bits & ~ManifestFormat.KnownCapabilities) == 0, "capabilities", $"capabilities {bits:x8} has unknown bits", DeviceError.Unsupported);
        return (CapsuleCapabilities)bits;
    }

    private readonly void ReadSection(ByteCursor value)
    {
        ByteCursor at = value;
        byte kind = value.U8();
        at.Require(Enum.IsDefined((SectionKind)kind), "section-kind", $"section kind {kind} is unknown");
        at.Require(_sections.Count == 0 || kind > (byte)_sections[^1].Kind, "section-order", $"section kind {kind} is not in ascending order");
        value.Zeros(3);
        uint size = value.U32();
        at.Require(size is >= 1 and <= SectionEntry.MaxBytes, "section-size", $"a section has {size} bytes");
        _sections.Add(new SectionEntry((SectionKind)kind, size, Digest.FromBytes(value.Take(Digest.ByteCount))));
    }

    private readonly void ReadPre(ByteCursor value)
    {
        PreProcessing pre = ProcessingCodec.ReadPre(value);
        value.Require(_pre.Count < ManifestFormat.MaxPre, "pre-count", $"more than {ManifestFormat.MaxPre} pre-processed inputs");
        value.Require(_pre.Count == 0 || pre.Input > _pre[^1].Input, "pre-order", $"input {pre.Input} is not in ascending order");
        _pre.Add(pre);
    }

    private readonly CapsuleManifest Finish()
    {
        bool managed = _sections.Exists(s => s.Kind == SectionKind.Managed);
        _tlvs.Require(_sections.Count > 0 && _sections[0].Kind == SectionKind.Model, "model-required", "there is no model section");
        _tlvs.Require(managed == (_processor is not null), "processor-managed", "processor and managed section come together or not at all");
        bool labels = _sections.Exists(s => s.Kind == SectionKind.Labels);
        _tlvs.Require(_post is not { Labelled: true } || labels, "post-labels", "post-processing names labels, but there is no labels section");
        return new CapsuleManifest
        {
            Name = _name ?? throw Missing("name"),
            Version = _version ?? throw Missing("version"),
            SecurityCounter = _counter ?? throw Missing("security counter"),
            Target = _target ?? throw Missing("target"),
            Engine = _engine ?? throw Missing("engine"),
            Needs = _needs ?? throw Missing("needs"),
            Operators = _operators ?? throw Missing("operators"),
            Capabilities = _capabilities,
            Processor = _processor,
            Sections = _sections,
            Pre = _pre,
            Post = _post,
        };
    }

    private readonly ManifestFormatException Missing(string what) => _tlvs.Fail("required", $"{what} is missing");
}
