using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Native;
using NfRuntime.Simulation.Capsules;
using NfRuntime.Simulation.World;

namespace NfRuntime.Simulation.Histories;

/// <summary>
/// One seeded history: some minutes in which whatever can go wrong does, then peace; in the end every device is where the controller wants
/// it, or says why not, and nothing was ever served that must not be.
/// </summary>
internal sealed class History : IDisposable
{
    private const long ChaosMilliseconds = 2 * 60_000;
    private const long PeaceMilliseconds = 4 * 3_600_000;
    private const int Interval = 1000;
    private const int Looks = 3; // at which all is well, one after the other: what has come to rest stays there
    private const long MaxEvents = 1_000_000; // of some 10,000: somebody never rests

    private readonly Shop _shop;
    private readonly Random _random;
    private readonly SimulatedFleet _fleet;
    private readonly List<string> _problems = [];
    private readonly Accidents _accidents;
    private readonly Action<string> _trace;
    private int _sample;

    public History(Shop shop, int seed, Action<string>? trace = null, Sabotage sabotage = Sabotage.None, bool isReal = false)
    {
        _shop = shop;
        _trace = trace ?? (_ => { });
        _random = new Random(seed);
        _fleet = new SimulatedFleet(shop.Publisher, seed, 1 + _random.Next(3), 1 + _random.Next(2), new DeviceSettings(shop.Publisher.RootKey), new NetworkFaults
        {
            Drop = _random.Next(3) == 0 ? _random.NextDouble() * 0.3 : 0,
            Duplicate = _random.Next(3) == 0 ? 0.1 : 0,
            Jitter = _random.Next(2) == 0 ? 0 : 1 + _random.Next(300),
        }, sabotage, isReal);
        if (trace is not null)
        {
            _fleet.Broker.Observer = Listen;
        }

        _accidents = new Accidents(_fleet, shop, _random, Tell);
    }

    /// <summary>How each wish ended: "confirmed", "on trial", or a reason.</summary>
    public List<string> Outcomes { get; } = [];

    public long Events => _fleet.Time.Events;

    public int Resets => _fleet.Devices.Sum(d => d.Resets);

    /// <summary>Lives it. What is wrong in the end; empty: nothing.</summary>
    public IReadOnlyList<string> Run()
    {
        foreach (TinyCapsule capsule in _shop.All)
        {
            _fleet.Publish(capsule);
        }

        _fleet.Start();
        while (_fleet.Time.Now < ChaosMilliseconds)
        {
            _accidents.Happen();
            Live(_random.Next(10_000));
        }

        MakePeace();
        long end = _fleet.Time.Now + PeaceMilliseconds;
        for (int looks = 0; looks < Looks && _fleet.Time.Now < end && Events < MaxEvents;)
        {
            Live(10_000);
            looks = AreServicesThere && _fleet.Devices.All(IsSettled) ? looks + 1 : 0;
        }

        foreach (SimulatedDevice device in _fleet.Devices)
        {
            Judge(device);
        }

        JudgeServices();
        return _problems;
    }

    public void Dispose() => _fleet.Dispose();

    private void Live(long milliseconds)
    {
        long end = _fleet.Time.Now + milliseconds;
        while (_fleet.Time.Now < end)
        {
            _fleet.Run(Math.Min(Interval, end - _fleet.Time.Now));
            _sample = (_sample + 1) % 8;
            foreach (SimulatedDevice device in _fleet.Devices)
            {
                foreach (string name in Shop.Names)
                {
                    _ = device.IsOn && device.Infer(name, _sample);
                }
            }
        }
    }

    // No fault from now on; what is cut off or dead comes back by itself.
    private void MakePeace()
    {
        Tell("peace");
        _fleet.Faults.Drop = 0;
        _fleet.Faults.Duplicate = 0;
        foreach (SimulatedDevice device in _fleet.Devices)
        {
            device.CutPower(1, FlashCut.Never);
        }
    }

    private bool AreServicesThere => _fleet.Controller.IsConnected && _fleet.Distributors.TrueForAll(d => d.IsConnected);

    // Whoever kills them starts them again: without them a device's unrest would be theirs.
    private void JudgeServices()
    {
        string services = string.Join("; ", _fleet.Distributors.Select(d => d.Describe()).Prepend(_fleet.Controller.Describe()));
        if (!AreServicesThere)
        {
            _problems.Insert(0, "a service does not come back: " + services);
        }
        else if (_problems.Count != 0)
        {
            _problems.Add("The services: " + services);
        }
    }

    private bool IsSettled(SimulatedDevice device)
    {
        IReadOnlyDictionary<string, Wish> wishes = _fleet.Controller.Wishes(device.Name);
        return device.IsOn && device.Agent.IsConnected && (ulong)device.Store.Generation == _fleet.Controller.Generation(device.Name)
            && wishes.All(wish => Verdict.Of(device, wish.Key, wish.Value, _fleet.Broker).Length != 0)
            && Shop.Names.All(name => wishes.ContainsKey(name) || device.Record(name) is null);
    }

    private void Judge(SimulatedDevice device)
    {
        if (!IsSettled(device))
        {
            string wishes = string.Join("; ", _fleet.Controller.Wishes(device.Name).Select(w => $"{w.Key} {w.Value.Capsule.Version} ({w.Value.Capsule.Flaw}) mode {w.Value.Mode} confirm {w.Value.Confirm}"));
            _problems.Add($"{device.Name} does not come to rest. Wanted, generation {_fleet.Controller.Generation(device.Name)}: {wishes}. It has {Verdict.Describe(device)}");
            return;
        }

        foreach ((string name, Wish wish) in _fleet.Controller.Wishes(device.Name))
        {
            string outcome = Verdict.Of(device, name, wish, _fleet.Broker);
            Outcomes.Add(outcome);
            if (!IsExplained(device, name, wish.Capsule, outcome))
            {
                _problems.Add($"{device.Name} and {name} {wish.Capsule.Version} ({wish.Capsule.Flaw}): {outcome}, which nothing explains. It has {Verdict.Describe(device)}");
            }
        }

        Count(device.WrongAnswers, $"{device.Name} gave wrong answers");
        Count(device.BadServed, $"{device.Name} served what must never serve");
        Count(device.Silences, $"{device.Name} did not serve what it could");
        Count((int)device.Flash.Violations, $"{device.Name} used its flash wrongly ({device.Flash.FirstViolation})");
    }

    private bool IsExplained(SimulatedDevice device, string name, TinyCapsule capsule, string outcome) => outcome is Verdict.Confirmed or Verdict.OnTrial
        ? !capsule.MustNeverServe
        : Explanation.Holds(capsule, Verdict.Reason(device, name, capsule.Digest, _fleet.Broker), device.Record(name)?.Floor ?? 0);

    private void Count(int count, string problem)
    {
        if (count > 0)
        {
            _problems.Add($"{problem}: {count}");
        }
    }

    private void Listen(string topic, byte[] payload)
    {
        if (topic.EndsWith("/log", StringComparison.Ordinal))
        {
            foreach (string sentence in LogReader.Sentences(payload))
            {
                Tell($"  {topic.Split('/')[3]}: {sentence}");
            }
        }
    }

    private void Tell(string what) => _trace($"{_fleet.Time.Now,9} {what}");
}
