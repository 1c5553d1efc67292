namespace NfRuntime.Simulation.World;

/// <summary>A distributor in the simulation: a model (<see cref="DistributorModel"/>) or the real one (<see cref="RealDistributor"/>).</summary>
internal abstract class DistributorService : BrokerClient
{
    public abstract string Name { get; }

    /// <summary>It has a blob, whatever bytes that has.</summary>
    public abstract void Add(byte[] digest, byte[] bytes);

    /// <summary>kill -9: what it was at is gone, and the broker publishes its will.</summary>
    public abstract void Die();

    /// <summary>Starts again; one that lives goes on.</summary>
    public abstract void Rise();

    /// <summary>For people: whether it lives, whether the broker hears it, whom it takes for present.</summary>
    public abstract string Describe();
}
