using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Simulation.Capsules;

/// <summary>The capsules of all histories, made once: of two names good ones (two of several blocks, one whose counter raises the floor) and one of each flaw.</summary>
internal sealed class Shop
{
    private const int Padding = 6000; // bytes: some blocks

    public static readonly string[] Names = ["acme/eye", "acme/ear"];

    private readonly Dictionary<string, TinyCapsule[]> _capsules = [];

    public Shop(Publisher publisher)
    {
        Publisher = publisher;
        int seed = 1;
        foreach (string name in Names)
        {
            TinyCapsule[] good = [.. Enumerable.Range(0, 4).Select(i => new TinyCapsule(publisher, name, i == 3 ? 2u : 1, seed++, padding: i is 1 or 2 ? Padding : 0))];
            TinyCapsule[] flawed = [.. Enum.GetValues<Flaw>().Where(f => f != Flaw.None).Select(f => new TinyCapsule(publisher, name, 1, seed++, f))];
            _capsules[name] = [.. good, .. flawed];
        }
    }

    public Publisher Publisher { get; }

    public IEnumerable<TinyCapsule> All => _capsules.Values.SelectMany(c => c);

    /// <summary>A good one more often than not.</summary>
    public TinyCapsule Any(string name, Random random)
    {
        TinyCapsule[] all = _capsules[name];
        return random.Next(10) < 6 ? all[random.Next(4)] : all[random.Next(all.Length)];
    }
}
