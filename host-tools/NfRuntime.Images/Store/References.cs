using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Images.Store;

/// <summary>Who refers to which slot (firmware/store/SPEC.md section 6).</summary>
internal sealed class References
{
    private readonly Dictionary<ushort, List<string>> _to = [];
    private readonly List<string> _problems = [];

    /// <summary>A sentence for each reference that leads nowhere.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public static References Find(IReadOnlyDictionary<ushort, StoreRecord> slots)
    {
        var references = new References();
        foreach ((ushort slot, StoreRecord record) in slots)
        {
            if (record is SettingsRecord { KeyList: { } list })
            {
                references.Add(list, "key list of the settings", slots, mayBeWriting: false);
            }
            else if (record is NameRecord name)
            {
                references.AddVersions(name, slots);
            }
        }

        return references;
    }

    /// <summary>Who refers to a slot: "model of fashion (candidate)".</summary>
    public IReadOnlyList<string> To(ushort slot) => _to.GetValueOrDefault(slot) ?? [];

    private void AddVersions(NameRecord name, IReadOnlyDictionary<ushort, StoreRecord> slots)
    {
        foreach ((VersionPlace place, VersionRecord version) in name.Versions.OrderBy(pair => pair.Key))
        {
            for (int section = 0; section < version.Slots.Count; section++)
            {
                if (version.Slots[section] is { } slot)
                {
                    Add(slot, $"{StoreWords.Section(section)} of {name.Name} ({place.ToString().ToLowerInvariant()})", slots, version.State == VersionState.Fetching);
                }
            }
        }
    }

    private void Add(ushort slot, string by, IReadOnlyDictionary<ushort, StoreRecord> slots, bool mayBeWriting)
    {
        string? problem = slots.GetValueOrDefault(slot) switch
        {
            null => $"slot {slot} is empty",
            BlobRecord { State: BlobState.Complete } => null,
            BlobRecord { State: BlobState.Writing } when mayBeWriting => null,
            BlobRecord blob => $"the blob in slot {slot} is {blob.State.ToString().ToLowerInvariant()}",
            BrokenRecord => $"the record of slot {slot} is broken",
            _ => $"slot {slot} holds no blob",
        };
        if (problem is not null)
        {
            _problems.Add($"the reference \"{by}\" leads nowhere: {problem}");
        }

        if (!_to.TryGetValue(slot, out List<string>? list))
        {
            _to[slot] = list = [];
        }

        list.Add(by);
    }
}
