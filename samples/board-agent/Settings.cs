using NfRuntime.Agent.M2Mqtt;
using NfRuntime.Agent.Protocol;

namespace BoardAgent;

/// <summary>What differs from board to board and from device to device; the numbers are boards/esp32's.</summary>
internal static class Settings
{
    public const string Tenant = "default";
    public const string Device = "gateway-01";

    /// <summary>When this was built, Unix seconds: until somebody brings a better time, TLS goes by it. Certificates must not be younger.</summary>
    public const long BuildTime = 1_767_225_600;

    private const int LastKind = 20;

    /// <summary>Host, authority, certificate and key come with the enrolment of the device (`capsule device enroll`), over the serial line or in the deployment.</summary>
    public static M2MqttOptions Broker()
    {
        return new M2MqttOptions
        {
            Host = "broker.example",
            ClientId = Device + "." + Tenant,
            TimeFloor = BuildTime,
        };
    }

    public static HttpRangeOptions Registries()
    {
        return new HttpRangeOptions { TimeFloor = BuildTime };
    }

    /// <summary>As boards/esp32/board.json and the firmware that was built for it say.</summary>
    public static DeviceFacts Facts()
    {
        return new DeviceFacts
        {
            Board = "esp32",
            Target = "esp32",
            Layouts = 1,
            Operators = Operators(),
            ArenaBytes = 48 * 1024,
            StateBytes = 8 * 1024,
            StackBytes = 8 * 1024,
            ManagedHeapBytes = 16 * 1024,
            StoreBytes = 960 * 1024,
        };
    }

    // enum nfr_kind (firmware/engine/nfr_plan.h): all that the engine has, ADD to CHAIN.
    private static byte[] Operators()
    {
        byte[] operators = new byte[16];
        for (int kind = 1; kind <= LastKind; kind++)
        {
            operators[kind / 8] |= (byte)(1 << (kind % 8));
        }

        return operators;
    }
}
