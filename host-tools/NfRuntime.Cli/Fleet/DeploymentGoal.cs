namespace NfRuntime.Cli.Fleet;

/// <summary>When a device is as far as it gets; it may have ended otherwise than was wished.</summary>
internal sealed class DeploymentGoal
{
    private readonly string[] _reached;

    private DeploymentGoal(params string[] reached) => _reached = reached;

    /// <summary>It serves, if only on trial.</summary>
    public static DeploymentGoal Trial { get; } = new("trial", "confirmed");

    /// <summary>It is confirmed.</summary>
    public static DeploymentGoal Confirmed { get; } = new("confirmed");

    /// <summary>The device has done it.</summary>
    public static DeploymentGoal Done { get; } = new("done");

    /// <summary>It ended as was wished.</summary>
    public bool IsGood(DeploymentDevice device) => System.Array.IndexOf(_reached, device.State) >= 0;

    /// <summary>It ended, well or not.</summary>
    public bool IsReached(DeploymentDevice device) => IsGood(device) || device.State is "rejected" or "refused" or "superseded" or "done";
}
