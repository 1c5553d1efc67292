using NfRuntime.Agent;
using NfRuntime.Agent.Lifecycle;
using NfRuntime.Agent.M2Mqtt;
using NfRuntime.Capsules;
using NfRuntime.Native;

namespace BoardAgent;

/// <summary>
/// One loop for everything: the agent between slices of the inference, so that neither has to wait for the other. The network must be up
/// (WifiNetworkHelper and such); the firmware has set up flash, arena and root key.
/// </summary>
public static class Program
{
    private const int SampleEvery = 100; // milliseconds
    private const int LongestWait = 20;

    private static readonly CapsuleResult _result = new CapsuleResult();
    private static readonly byte[] _sample = new byte[784];
    private static string _told = string.Empty;

    public static void Main()
    {
        M2MqttOptions broker = Settings.Broker();
        HttpRangeOptions registries = Settings.Registries();
        M2MqttTransport transport = BoardConnections.CreateTransport(broker);
        NativeStore store = new NativeStore();
        AgentOptions options = new AgentOptions { Tenant = Settings.Tenant, Device = Settings.Device, Facts = Settings.Facts(), Rate = 30_000 };
        DeviceAgent agent = new DeviceAgent(options, store, transport, new BoardPlatform(), BoardConnections.CreateRangeSource(registries), null!);
        CapsuleSlot slot = agent.Find("fashion");

        long sampleAt = 0;
        while (true)
        {
            long now = System.Environment.TickCount64;
            int wait = agent.Step(now);
            if (now >= sampleAt)
            {
                sampleAt = now + SampleEvery;
                Infer(agent, slot);
            }

            // What the store knows has passed helps TLS over the next start.
            if (store.KnownTime > broker.TimeFloor)
            {
                broker.TimeFloor = store.KnownTime;
                registries.TimeFloor = store.KnownTime;
            }

            Tell(transport.LastError);
            if (wait > 0)
            {
                transport.Wait(wait < LongestWait ? wait : LongestWait);
            }
        }
    }

    // Why there is no connection: over the debugger's wire, since the agent's log needs one.
    private static void Tell(string error)
    {
        if (error != _told)
        {
            _told = error;
            System.Diagnostics.Debug.WriteLine("broker: " + error);
        }
    }

    private static void Infer(DeviceAgent agent, CapsuleSlot slot)
    {
        ReadSensor(_sample);
        if (!slot.Feed(_sample, _sample.Length) || !slot.Begin())
        {
            return;
        }

        // While an inference is in flight the agent keeps the connection alive and touches no flash.
        while (slot.Step(0))
        {
            agent.Step(System.Environment.TickCount64);
        }

        if (slot.Read(_result))
        {
            Act(_result.Decision);
        }
    }

    // The application's: a camera, a microphone.
    private static void ReadSensor(byte[] sample)
    {
        System.Array.Clear(sample, 0, sample.Length);
    }

    // The application's: a lamp, a lock.
    private static void Act(int decision)
    {
        LastDecision = decision;
    }

    /// <summary>What was decided last.</summary>
    public static int LastDecision { get; private set; } = CapsuleResult.None;
}
