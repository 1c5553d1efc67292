using System;
using System.Text;

namespace NfRuntime.Native;

/// <content>Names, events, settings.</content>
public sealed partial class NativeStore
{
    public int NextName(int slot, NameRecord record)
    {
        return Decode(DeviceMethods.NextName(_device, slot, _name), record);
    }

    public int FindName(string name, NameRecord record)
    {
        byte[] text = Encoding.UTF8.GetBytes(name);
        return Decode(DeviceMethods.FindName(_device, text, text.Length, _name), record);
    }

    public int MayFetch(string name, byte[] manifest, uint counter)
    {
        byte[] text = Encoding.UTF8.GetBytes(name);
        return IsDigest(manifest) ? DeviceMethods.MayFetch(_device, text, text.Length, manifest, (int)counter) : NativeError.Argument;
    }

    public int Fetch(string name, uint counter, byte[] manifest)
    {
        byte[] text = Encoding.UTF8.GetBytes(name);
        return IsDigest(manifest) ? DeviceMethods.Fetch(_device, text, text.Length, (int)counter, manifest) : NativeError.Argument;
    }

    public int Attach(int slot, int kind, byte[] digest)
    {
        return IsDigest(digest) ? DeviceMethods.Attach(_device, slot, kind, digest) : NativeError.Argument;
    }

    public int Apply(int slot, int lifecycleEvent, int reason, int detail, int place)
    {
        return DeviceMethods.Apply(_device, slot, lifecycleEvent, reason, detail, place);
    }

    public int Serving(int slot)
    {
        return DeviceMethods.Serving(_device, slot);
    }

    public int Unchecked()
    {
        return DeviceMethods.Unchecked(_device);
    }

    public int Tend()
    {
        return DeviceMethods.Tend(_device);
    }

    public int PlanRestart()
    {
        return DeviceMethods.PlanRestart(_device);
    }

    public int SetGeneration(long generation)
    {
        return generation < 0 ? NativeError.Argument : DeviceMethods.SetGeneration(_device, (int)generation, (int)(generation >> 32));
    }

    public int SetTime(long seconds)
    {
        return seconds < 0 ? NativeError.Argument : DeviceMethods.SetTime(_device, (int)seconds, (int)(seconds >> 32));
    }

    private long Setting(int word)
    {
        if (DeviceMethods.Settings(_device, _settings) != NativeError.Ok)
        {
            return 0;
        }

        return ((long)_settings[word + 1] << 32) | (uint)_settings[word];
    }

    private int Decode(int slot, NameRecord record)
    {
        if (slot >= 0)
        {
            record.Failures = Word(4);
            record.Floor = (uint)Word(8);
            record.RejectedReason = Word(12);
            record.RejectedDetail = Word(16);
            Array.Copy(_name, RejectedStart, record.RejectedManifest, 0, DigestBytes);
            DecodeVersion(0, record.Confirmed);
            DecodeVersion(1, record.Candidate);
            DecodeVersion(2, record.Previous);
            record.Name = Encoding.UTF8.GetString(_name, TextStart, Word(0));
        }

        return slot;
    }

    private void DecodeVersion(int place, VersionRecord version)
    {
        int start = VersionsStart + (place * VersionBytes);
        version.State = Word(start);
        version.Reason = Word(start + 4);
        version.Strikes = Word(start + 8);
        version.Attempts = Word(start + 12);
        version.Counter = (uint)Word(start + 16);
        version.IsComplete = Word(start + 20) != 0;
        Array.Copy(_name, start + 24, version.Manifest, 0, DigestBytes);
    }

    private int Word(int start)
    {
        return BitConverter.ToInt32(_name, start);
    }
}
