namespace NfRuntime.Agent.M2Mqtt;

/// <summary>What registries a board believes. Not changed once a source has it, except <see cref="TimeFloor"/>.</summary>
public sealed class HttpRangeOptions
{
    /// <summary>Of the registry's certificate: DER, or PEM with a NUL at its end. Empty: what is in the board's certificate store.</summary>
    public byte[] Authority { get; set; } = new byte[0];

    /// <summary>Whether <c>http://</c> may go to another machine: what comes is hashed, but who listens knows what is fetched.</summary>
    public bool AllowsPlainHttp { get; set; }

    /// <summary>As <see cref="M2MqttOptions.TimeFloor"/>.</summary>
    public long TimeFloor { get; set; }
}
