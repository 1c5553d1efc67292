namespace NfRuntime.Agent.Lifecycle;

/// <summary>What a version is being opened or tested for.</summary>
internal static class Purpose
{
    /// <summary>A test after the firmware changed.</summary>
    internal const int Checking = 1;

    /// <summary>The test of a candidate.</summary>
    internal const int Testing = 2;

    internal const int OpeningLive = 3;

    internal const int OpeningShadow = 4;
}
