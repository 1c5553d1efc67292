namespace NfRuntime.Native;

/// <content>Versions in place.</content>
public sealed partial class NativeStore
{
    public int OpenVersion(int slot, int place)
    {
        return DeviceMethods.OpenVersion(_device, slot, place);
    }

    public int TestVersion(int slot, int place)
    {
        return DeviceMethods.TestVersion(_device, slot, place);
    }

    public int VersionStep(int version, int budget, VersionReport report)
    {
        int result = DeviceMethods.VersionStep(_device, version, budget, _report);
        report.CaseCount = _report[0];
        report.CaseIndex = _report[1];
        report.SourceOperator = _report[2];
        if (result < 0 && result != NativeError.Busy)
        {
            Forget(version);
        }

        return result;
    }

    public NativeCapsule VersionCapsule(int version)
    {
        int handle = DeviceMethods.VersionHandle(_device, version);
        if (handle <= 0)
        {
            return null!;
        }

        if (_capsules[version] == null || _capsules[version].Handle != handle)
        {
            Forget(version);
            _capsules[version] = new NativeCapsule(_capsuleContext, handle, isOwner: false);
        }

        return _capsules[version];
    }

    public void CloseVersion(int version)
    {
        Forget(version);
        _ = DeviceMethods.CloseVersion(_device, version);
    }

    private void ForgetCapsules()
    {
        for (int i = 0; i < MaxVersions; i++)
        {
            Forget(i);
        }
    }

    // Its handle belongs to the version, which is closed now.
    private void Forget(int version)
    {
        if (version >= 0 && version < MaxVersions && _capsules[version] != null)
        {
            _capsules[version].End();
            _capsules[version] = null!;
        }
    }
}
