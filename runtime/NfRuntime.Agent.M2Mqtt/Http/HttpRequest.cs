namespace NfRuntime.Agent.M2Mqtt;

/// <summary>What is asked for, as the thread that asks has it: the agent may give it up and ask for something else at any time.</summary>
internal sealed class HttpRequest
{
    private readonly HttpRangeSource _owner;

    internal HttpRequest(HttpRangeSource owner, int number, HttpAddress address, int offset, int count, long deadline)
    {
        _owner = owner;
        Number = number;
        Host = address.Host;
        Port = address.Port;
        UsesTls = address.UsesTls;
        Path = address.Path;
        Offset = offset;
        Count = count;
        Deadline = deadline;
    }

    internal int Number { get; }

    internal string Host { get; }

    internal int Port { get; }

    internal bool UsesTls { get; }

    internal string Path { get; }

    internal int Offset { get; }

    internal int Count { get; }

    /// <summary>Milliseconds of the board's clock.</summary>
    internal long Deadline { get; }

    internal bool IsWanted
    {
        get { return _owner.IsWanted(Number); }
    }
}
