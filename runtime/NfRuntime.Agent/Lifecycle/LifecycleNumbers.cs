namespace NfRuntime.Agent.Lifecycle;

/// <summary>enum nfr_state, nfr_event and nfr_place of firmware/store/nfr_lifecycle.h; a test compares them.</summary>
public static class LifecycleNumbers
{
    public const int PlaceConfirmed = 0;
    public const int PlaceCandidate = 1;
    public const int PlacePrevious = 2;

    public const int StateNone = 0;
    public const int StateFetching = 1;
    public const int StateStaged = 2;
    public const int StateTesting = 3;
    public const int StateTrial = 4;
    public const int StateConfirmed = 5;
    public const int StateRejected = 6;
    public const int StateSuperseded = 7;

    public const int EventFetched = 2;
    public const int EventFetchFailed = 3;
    public const int EventTest = 4;
    public const int EventTestFailed = 6;
    public const int EventStrike = 7;
    public const int EventCheckFailed = 14;
    public const int EventConfirm = 15;
    public const int EventRollBack = 16;
    public const int EventWithdraw = 17;
    public const int EventRelease = 19;
    public const int EventRemove = 20;

    public const int BlobComplete = 2;

    public const int SectionManaged = 2;
    public const int SectionLast = 5;
}
