namespace NfRuntime.Agent.M2Mqtt;

/// <summary>Why a connection ended or was not made, as the agent's log has it. From 1 on: the code with which the broker refuses (MQTT 3.1.1 §3.2.2.3; MQTT 5 §3.2.2.2).</summary>
public static class M2MqttReason
{
    /// <summary>The agent ended it.</summary>
    public const int Asked = 0;

    /// <summary>It was there and is gone.</summary>
    public const int Lost = -1;

    /// <summary>No address, no route, no handshake or no answer.</summary>
    public const int Unreachable = -2;

    /// <summary>TLS needs the time, and nobody knows it: set <see cref="M2MqttOptions.TimeFloor"/>, or the board's clock.</summary>
    public const int Clock = -3;

    /// <summary>Earlier attempts hang and have not been given back yet.</summary>
    public const int Busy = -4;

    /// <summary>The broker refused a subscription, or did not answer to one.</summary>
    public const int Subscription = -5;

    /// <summary>For people.</summary>
    public static string Describe(int reason)
    {
        switch (reason)
        {
            case Asked:
                return "ended by the device";
            case Lost:
                return "the connection was lost";
            case Unreachable:
                return "the broker cannot be reached";
            case Clock:
                return "the time is unknown, and TLS needs it";
            case Busy:
                return "earlier attempts to connect still hang";
            case Subscription:
                return "a subscription was refused or not answered";
            default:
                return "the broker refuses, code " + reason.ToString();
        }
    }
}
