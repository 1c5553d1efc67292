namespace NfRuntime.Agent.Telemetry;

/// <summary>Kinds of log entries. Numbers are permanent.</summary>
public static class LogEvent
{
    public const int Boot = 1;
    public const int Store = 2;
    public const int Connection = 3;
    public const int Document = 4;
    public const int Keys = 5;
    public const int Refused = 6;
    public const int Fetch = 7;
    public const int Fetched = 8;
    public const int Test = 9;
    public const int Trial = 10;
    public const int Confirmed = 11;
    public const int Rejected = 12;
    public const int RolledBack = 13;
    public const int Removed = 14;
    public const int Strike = 15;
    public const int Swapped = 16;
    public const int Damage = 17;
    public const int Withdrawn = 18;
}
