using System;
using System.Buffers.Binary;
using System.IO;
using System.Net.Http;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using NfRuntime.Agent;
using NfRuntime.Agent.Lifecycle;
using NfRuntime.Agent.Protocol;
using NfRuntime.Capsules;
using NfRuntime.Mosquitto;
using NfRuntime.Native;
using NfRuntime.VirtualDevice.Transport;

namespace NfRuntime.VirtualDevice.Serving;

/// <summary>What the devices of a process have in common.</summary>
/// <param name="Options">The command line.</param>
/// <param name="Board">Limits and flash.</param>
/// <param name="RootKey">x‖y.</param>
/// <param name="Samples">What sensors give.</param>
/// <param name="Lines">Where events go.</param>
/// <param name="Http">For registries.</param>
internal sealed record ServeContext(ServeOptions Options, DeviceBoard Board, byte[] RootKey, Samples Samples, EventLines Lines, HttpClient Http);

/// <summary>
/// One device of this process: the real agent on the real store, on a flash file. A power cut ends everything but the flash, in the
/// midst of what it does, and the device starts again. Belongs to one thread.
/// </summary>
internal sealed class ServedDevice : IDisposable
{
    private const int PowerOn = 1, Software = 3;
    private const int FirmwareBytes = 16;
    private readonly ServeContext _context;
    private readonly Identity _identity;
    private readonly int _seed;
    private readonly NativeFlash _flash;
    private readonly MosquittoTransport _transport;
    private readonly HttpRangeSource _ranges;
    private readonly ProcessorLoader _processors = new();
    private VirtualPlatform _platform = null!;
    private NativeRuntime _runtime = null!;
    private NativeStore _store = null!;
    private DeviceAgent _agent = null!;
    private Workload _workload = null!;
    private int _cutsLeft;
    private int _boots;

    /// <summary>Starts the device.</summary>
    /// <param name="context">Of the process.</param>
    /// <param name="identity">Who it is.</param>
    /// <param name="seed">Of all that is random in it.</param>
    /// <param name="poll">Of its thread.</param>
    /// <exception cref="NativeException">Flash or memory cannot be had.</exception>
    public ServedDevice(ServeContext context, Identity identity, int seed, MosquittoPoll poll)
    {
        _context = context;
        _identity = identity;
        _seed = seed;
        _cutsLeft = context.Options.CutAfter > 0 ? context.Options.Cuts : 0;
        _flash = new NativeFlash(new NativeFlashOptions { Journal = context.Board.Journal, Blobs = context.Board.Blobs, Seed = seed, File = FlashFile() });
        _ranges = new HttpRangeSource(context.Http, context.Options.PlainHttp);
        var mirror = new LogMirror(identity.Name, context.Lines);
        string log = new Topics(identity.Tenant, identity.Name).Log;
        var connection = new MosquittoOptions
        {
            Host = identity.Host,
            Port = identity.Port,
            ClientId = $"{identity.Name}.{identity.Tenant}",
            Tls = new MosquittoTls(identity.Ca, identity.Certificate, identity.Key),
        };
        _transport = new MosquittoTransport(connection, poll, new BlockFaults(context.Options.Drop, context.Options.Corrupt, seed), Published, Trouble);
        Boot(PowerOn);

        void Published(string topic, byte[] payload, int count)
        {
            if (topic == log)
            {
                mirror.Read(payload, count);
            }
        }

        void Trouble(string sentence) => context.Lines.Write(identity.Name, "no-connection", json => json.WriteString("sentence", sentence));
    }

    /// <summary>Whether something has come for it.</summary>
    public bool HasArrivals => _transport.HasArrivals;

    /// <summary>One step of everything.</summary>
    /// <param name="now">Milliseconds of one clock for all devices of the process.</param>
    /// <returns>When it wants the next one.</returns>
    public long Step(long now)
    {
        long next = Math.Min(now + _agent.Step(now), _workload.Step(now, _store, _agent.Find));
        if (!_flash.IsOn)
        {
            Restart(PowerOn, "power-cut");
            return now;
        }

        if (_platform.WantsRestart)
        {
            Restart(Software, "restart");
            return now;
        }

        return _transport.HasArrivals ? now : next;
    }

    /// <summary>Switches the device off. The broker publishes its will: that it is away.</summary>
    public void Dispose()
    {
        Stop();
        _ranges.Dispose();
        _flash.Dispose();
    }

    private void Boot(int cause)
    {
        _boots++;
        ServeOptions options = _context.Options;
        _platform = new VirtualPlatform(cause, unchecked(_seed + (_boots * 7919)));
        _runtime = new NativeRuntime(options.Arena ?? _context.Board.ArenaBytes, options.State ?? _context.Board.StateBytes, _context.RootKey);
        _store = new NativeStore(_runtime, _flash, IdentityNumber(), Slots(), BufferBytes());
        _workload = new Workload(_context.Samples, options.Rate, Answered);
        if (_cutsLeft > 0)
        {
            _flash.Cut(options.CutAfter, FlashCut.Torn);
        }

        _agent = new DeviceAgent(AgentOptions(), _store, _transport, _platform, _ranges, _processors);
        _context.Lines.Write(_identity.Name, "boot", json => json.WriteNumber("cause", cause));
    }

    private void Restart(int cause, string why)
    {
        _cutsLeft -= why == "power-cut" ? 1 : 0;
        long operations = _flash.Counts(FlashRegion.Journal).Operations + _flash.Counts(FlashRegion.Blobs).Operations;
        _context.Lines.Write(_identity.Name, why, json => json.WriteNumber("flash_operations", operations));
        Stop();
        _flash.PowerOn(unchecked(_seed + _boots));
        Boot(cause);
    }

    private void Stop()
    {
        _transport.Dispose();
        _store.Dispose();
        _runtime.Dispose();
        _processors.Clear();
    }

    private AgentOptions AgentOptions()
    {
        FirmwareFacts facts = _runtime.Facts();
        DeviceBoard board = _context.Board;
        return new AgentOptions
        {
            Tenant = _identity.Tenant,
            Device = _identity.Name,
            SliceBudget = board.SliceBudget,
            Facts = new DeviceFacts
            {
                Board = board.Name,
                Target = "host",
                AbiMajor = facts.Abi.Major,
                AbiMinor = facts.Abi.Minor,
                PlanMajor = facts.Plan.Major,
                PlanMinor = facts.Plan.Minor,
                Layouts = facts.Layouts,
                Operators = facts.Operators,
                Capabilities = facts.Capabilities,
                ArenaBytes = _context.Options.Arena ?? board.ArenaBytes,
                StateBytes = _context.Options.State ?? board.StateBytes,
                StackBytes = 1 << 20,
                ManagedHeapBytes = 16 << 20,
                StoreBytes = board.Blobs.Blocks * board.Blobs.BlockBytes,
                LargestBlockLog2 = 15,
                Firmware = FirmwareId(facts),
                Fence = board.Fence,
            },
        };
    }

    private void Answered(CapsuleSlot slot, string sample, CapsuleResult result, long microseconds)
    {
        if (_context.Options.Quiet)
        {
            return;
        }

        _context.Lines.Write(_identity.Name, "inference", json =>
        {
            json.WriteString("capsule", slot.Name);
            json.WriteString("version", slot.Version);
            json.WriteString("input", sample);
            json.WriteNumber("decision", result.Decision);
            json.WriteNumber("score", result.Count > 0 ? result.ScoreAt(0) : 0);
            json.WriteNumber("microseconds", microseconds);
        });
    }

    private string FlashFile()
    {
        string file = _context.Options.Flash.Length > 0 ? _context.Options.Flash : Path.Combine(_context.Options.StateFolder, _identity.Name, "device.flash");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        return file;
    }

    // A flash of another device must not be taken for one's own.
    private long IdentityNumber() => BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.ASCII.GetBytes($"{_identity.Tenant}/{_identity.Name}")));

    // A slot a blob and a name: as many as blocks, within what the store takes.
    private int Slots() => Math.Clamp(_context.Board.Blobs.Blocks, 64, 256);

    private int BufferBytes() => (int)Math.Max(1024, BitOperations.RoundUpToPowerOf2((uint)(_context.Board.Blobs.Blocks / 4)));

    // What this firmware runs names it: another library with the same abilities computes the same, by its tests.
    private static byte[] FirmwareId(FirmwareFacts facts)
    {
        string text = $"{facts.Abi} {facts.Plan} {facts.Layouts} {Convert.ToHexString(facts.Operators)} {typeof(NativeRuntime).Assembly.GetName().Version}";
        return SHA256.HashData(Encoding.ASCII.GetBytes(text))[..FirmwareBytes];
    }
}
