using System;
using System.Collections.Generic;
using NfRuntime.Agent;
using NfRuntime.Agent.Lifecycle;
using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Pull;
using NfRuntime.Capsules;
using NfRuntime.Native;
using NfRuntime.Simulation.Capsules;

namespace NfRuntime.Simulation.World;

/// <summary>
/// A device with the real agent, the real store and engine, flash in memory, and an application that classifies samples. It can be reset and lose
/// its power at any flash operation.
/// </summary>
internal sealed class SimulatedDevice : IDisposable
{
    private const int Software = 3;
    private const int PowerOn = 1;

    private readonly Timeline _time;
    private readonly MemoryBroker _broker;
    private readonly Random _random;
    private readonly DeviceSettings _settings;
    private readonly CapsuleResult _result = new();
    private readonly Dictionary<string, long> _servedAt = [];
    private NativeRuntime _runtime = null!;
    private SimulatedPlatform _platform = null!;
    private long _stepAt = long.MaxValue;
    private int _life; // counts starts: what an earlier life had planned is void
    private bool _isPlanned;

    public SimulatedDevice(Timeline time, MemoryBroker broker, Random random, string name, DeviceSettings settings)
    {
        _time = time;
        _broker = broker;
        _random = random;
        _settings = settings;
        Name = name;
        Flash = new NativeFlash(new NativeFlashOptions { Seed = random.Next(), Journal = new() { Blocks = 8 }, Blobs = new() { Blocks = settings.FlashBlocks } });
    }

    public string Name { get; }

    public Sabotage Sabotage { get; init; }

    public NativeFlash Flash { get; }

    public NativeStore Store { get; private set; } = null!;

    public DeviceAgent Agent { get; private set; } = null!;

    public MemoryTransport Transport { get; private set; } = null!;

    public bool IsOn => Agent is not null;

    public long StartedAt { get; private set; }

    public long Steps { get; private set; }

    public int Resets { get; private set; }

    public int Inferences { get; private set; }

    public int WrongAnswers { get; private set; }

    /// <summary>Which firmware runs after the next start.</summary>
    public byte Firmware { get; set; }

    /// <summary>Samples that a capsule answered which must never serve.</summary>
    public int BadServed { get; private set; }

    /// <summary>Samples that nobody answered although, by the store, a version could have for longer than ten seconds.</summary>
    public int Silences { get; private set; }

    public IRangeSource? Ranges { get; set; }

    /// <summary>For managed sections, from the next start on.</summary>
    public IProcessorLoader? Loader { get; set; }

    /// <summary>What stands between agent and store, from the next start on: a test's faults.</summary>
    public Func<IDeviceStore, IDeviceStore> Between { get; set; } = store => store;

    /// <summary>Capsules by version text: what is expected of their answers, and how they misbehave.</summary>
    public Dictionary<string, TinyCapsule> Known { get; } = [];

    /// <summary>Power comes, or the reset is over.</summary>
    public void Start(int cause)
    {
        _life++;
        _runtime = new NativeRuntime(_settings.ArenaBytes, 1 << 10, _settings.RootKey);
        Store = new NativeStore(_runtime, Flash, slots: 48, bufferBytes: 512);
        int life = _life;
        _platform = new SimulatedPlatform(_time, _random, Sabotage == Sabotage.DeviceForgetsResets ? PowerOn : cause, () => _isPlanned = true) { Clock = _settings.Clock };
        Transport = new MemoryTransport(_broker, () => WakeIf(life)) { Sabotage = Sabotage };
        AgentOptions options = new()
        {
            Tenant = _settings.Tenant,
            Device = Name,
            ScrubMilliseconds = _settings.ScrubMilliseconds,
            PollMilliseconds = int.MaxValue,
            Facts = new DeviceFacts { Board = "simulated", Target = "host", Firmware = [Firmware, .. new byte[15]], LargestBlockLog2 = 12 },
        };
        Agent = new DeviceAgent(options, Between(Store), Transport, _platform, Ranges!, Loader!);
        StartedAt = _time.Now;
        WakeAt(0);
    }

    /// <summary>A reset, of whatever cause; it takes a while.</summary>
    public void Reset(int cause)
    {
        if (!IsOn)
        {
            return;
        }

        Stop();
        Resets++;
        int life = _life;
        _time.After(_settings.StartMilliseconds, () =>
        {
            if (_life == life)
            {
                Start(cause);
            }
        });
    }

    /// <summary>The power fails at one of the next flash operations.</summary>
    public void CutPower(int operations, FlashCut kind) => Flash.Cut(operations, kind);

    public void SetClock(long seconds) => _platform.Clock = seconds;

    /// <summary>A capsule's managed code takes so long.</summary>
    public void Spend(long microseconds) => _platform.Spend(microseconds);

    /// <summary>Has the agent step now.</summary>
    public void Wake() => WakeAt(0);

    /// <summary>One classification by the application, slice by slice, with the agent's steps between.</summary>
    /// <returns>Whether there was an answer.</returns>
    public bool Infer(string name, int sample)
    {
        CapsuleSlot? slot = Agent?.Find(name);
        if (slot is null || !slot.IsServing)
        {
            _ = slot?.Feed(TinyCapsule.Sample(sample), TinyCapsule.Inputs);
            NoteSilence(name);
            return false;
        }

        _servedAt[name] = _time.Now;

        TinyCapsule? capsule = Known.GetValueOrDefault(name + " " + slot.Version);
        BadServed += capsule?.MustNeverServe == true ? 1 : 0;
        if (capsule?.Flaw == Flaw.Crashes)
        {
            Reset(4);
            return false;
        }

        byte[] bytes = TinyCapsule.Sample(sample);
        if (!slot.Feed(bytes, capsule?.Flaw == Flaw.FailsInTrial ? bytes.Length - 1 : bytes.Length) || !slot.Begin())
        {
            Wake();
            return false;
        }

        Agent!.Step(_time.Now); // an application's loop may do so: nothing of what was begun may be lost
        for (int slices = 0; slot.Step(0); slices++)
        {
            Agent!.Step(_time.Now);
            if (!Flash.IsOn)
            {
                Reset(PowerOn);
                return false;
            }

            if (slices > 1000)
            {
                throw new InvalidOperationException("an inference does not end");
            }
        }

        Wake();
        if (!slot.Read(_result))
        {
            return false;
        }

        Inferences++;
        capsule = Known.GetValueOrDefault(name + " " + slot.Version); // another one when it had to wait for the arena
        WrongAnswers += capsule is not null && _result.Decision != capsule.Decision(sample) ? 1 : 0;
        return true;
    }

    public NameRecord? Record(string name)
    {
        NameRecord record = new();
        return Store.FindName(name, record) >= 0 ? record : null;
    }

    public void Dispose()
    {
        if (IsOn)
        {
            Stop();
        }

        Flash.Dispose();
    }

    private void NoteSilence(string name)
    {
        long since = Math.Max(StartedAt, _servedAt.GetValueOrDefault(name));
        if (!(Record(name) is { } record && Store.FindName(name, record) is var slot && Store.Serving(slot) >= 0))
        {
            _servedAt[name] = _time.Now;
        }
        else if (_time.Now - since > 10_000)
        {
            Silences++;
        }
    }

    private void Stop()
    {
        _broker.Disconnect(Transport, isMeant: false, isHeard: false);
        _life++;
        _stepAt = long.MaxValue;
        Store.Dispose();
        _runtime.Dispose();
        Agent = null!;
        Flash.PowerOn(_random.Next());
    }

    private void WakeIf(int life)
    {
        if (life == _life)
        {
            WakeAt(0);
        }
    }

    private void WakeAt(long wait)
    {
        long at = _time.Now + wait;
        if (at >= _stepAt && _stepAt >= _time.Now)
        {
            return;
        }

        _stepAt = at;
        int life = _life;
        _time.After(wait, () =>
        {
            if (life == _life && _stepAt == at && IsOn)
            {
                _stepAt = long.MaxValue;
                Step();
            }
        });
    }

    private void Step()
    {
        Steps++;
        int wait = Agent.Step(_time.Now);
        if (!Flash.IsOn)
        {
            Reset(PowerOn);
        }
        else if (_isPlanned)
        {
            _isPlanned = false;
            Reset(Software);
        }
        else if (wait < int.MaxValue)
        {
            WakeAt(Transport.Waiting > 0 ? 1 : Math.Max(1, wait));
        }
    }
}

/// <summary>What a simulated device is like.</summary>
internal sealed record DeviceSettings(byte[] RootKey)
{
    public string Tenant { get; init; } = "acme";

    public int FlashBlocks { get; init; } = 24;

    public int ArenaBytes { get; init; } = 4096;

    public int ScrubMilliseconds { get; init; } = 10_000;

    public int StartMilliseconds { get; init; } = 300;

    /// <summary>Unix seconds; 0: no clock that can be trusted.</summary>
    public long Clock { get; init; }
}
