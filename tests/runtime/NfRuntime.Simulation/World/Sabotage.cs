namespace NfRuntime.Simulation.World;

/// <summary>Faults that are put in on purpose, one at a time, to see that a history's verdict notices them.</summary>
internal enum Sabotage
{
    None,

    /// <summary>Devices subscribe in the first connection after a start only.</summary>
    DeviceSubscribesOnce,

    /// <summary>Devices' wants say that nothing is missing.</summary>
    DeviceForgetsWanted,

    /// <summary>Every start of a device looks as if power had come: no reset is a strike.</summary>
    DeviceForgetsResets,

    /// <summary>A device publishes its state once after a start.</summary>
    DeviceStatesOnce,

    /// <summary>The controller publishes nothing again when it connects again.</summary>
    ControllerForgets,

    /// <summary>The controller skips each third desired document.</summary>
    ControllerSkips,

    /// <summary>The last block of a blob of several is never sent.</summary>
    DistributorLeavesOut,

    /// <summary>Half of the blobs have other bytes, in frames with the right CRC.</summary>
    DistributorCorrupts,

    /// <summary>What was retained for a topic is never replaced.</summary>
    BrokerKeepsFirst,
}
