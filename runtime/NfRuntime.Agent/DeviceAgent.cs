using NfRuntime.Agent.Lifecycle;
using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Pull;
using NfRuntime.Agent.Telemetry;
using NfRuntime.Native;

namespace NfRuntime.Agent;

/// <summary>
/// The agent of one device (PROTOCOL.md): pulls what the desired document says, tests it, lets it serve, goes back, and reports. It owns
/// no thread and never waits: an application's loop calls <see cref="Step"/> between slices of its inferences. All that it does to flash is
/// done while no inference is in flight. Not safe for several threads; nothing throws.
/// </summary>
public sealed class DeviceAgent
{
    private const int KeyListBytes = 4096;
    private const int ScrubBytes = 4096;
    private const int ScrubRecords = 2;
    private const long ClockInterval = 3_600_000;

    private readonly AgentContext _context;
    private readonly BlobFetch _blob;
    private readonly CapsuleFetch _fetch;
    private readonly Inbox _inbox;
    private readonly Slots _slots;
    private readonly Director _director;
    private readonly Reporter _reporter;
    private readonly Connection _connection;
    private readonly byte[] _keys = new byte[Digests.Bytes]; // SHA-256 of the list that was taken last in this boot
    private bool _isStarted;
    private bool _isMakingRoom;
    private bool _keysHadRoom;
    private long _scrubAt;
    private long _clockAt;

    /// <summary>An agent that has not begun: the first <see cref="Step"/> mounts the store.</summary>
    /// <param name="options">Whose it is and what the board can.</param>
    /// <param name="store">Not mounted; the agent's alone.</param>
    /// <param name="transport">The agent's alone.</param>
    /// <param name="platform">The machine.</param>
    /// <param name="ranges">Blobs by HTTP Range, or null.</param>
    /// <param name="loader">For managed sections, or null: capsules with one are refused.</param>
    public DeviceAgent(AgentOptions options, IDeviceStore store, IMqttTransport transport, IAgentPlatform platform, IRangeSource ranges, IProcessorLoader loader)
    {
        _context = new AgentContext(options, store, transport, platform);
        _context.Report.BootId = platform.Random();
        _context.Report.ResetCause = platform.ResetCause;
        FactsCache facts = new FactsCache(store);
        VersionWork work = new VersionWork(_context, facts, loader);
        _slots = new Slots(_context, work);
        _blob = new BlobFetch(_context, ranges);
        _fetch = new CapsuleFetch(_context, facts, _blob);
        _inbox = new Inbox(_context, _blob);
        _director = new Director(_context, _fetch, _slots, new Server(_context, work, _slots));
        _reporter = new Reporter(_context, _director, _fetch, _slots, facts);
        int sources = DeviceFacts.BlockSource | DeviceFacts.DeltaSource | (ranges == null ? 0 : DeviceFacts.RangeSource);
        _connection = new Connection(_context, _inbox, sources);
    }

    /// <summary>0, or the <see cref="NativeError"/> for which the store cannot be used: the agent then only says so.</summary>
    public int Fault { get; private set; }

    /// <summary>Whether the broker hears the agent.</summary>
    public bool IsConnected
    {
        get { return _context.IsConnected; }
    }

    /// <summary>
    /// Unix seconds, a lower bound of the time: the clock's, or what flash and desired documents tell; 0: nothing is known. For a transport that
    /// checks certificates without a clock: what had expired before is refused, what is not yet valid cannot be judged (PROTOCOL.md §8).
    /// </summary>
    public long KnownTime
    {
        get { return Fault != 0 ? _context.Platform.WallClock() : _context.KnownTime; }
    }

    /// <summary>Figures since the start.</summary>
    public DeviceReport Report
    {
        get { return _context.Report; }
    }

    /// <summary>Whether nothing is being fetched, opened or tested.</summary>
    public bool IsAtRest
    {
        get { return _isStarted && !_fetch.IsActive && _inbox.Desired == null && _inbox.Keys == null && _director.Wait() > 0; }
    }

    /// <summary>
    /// A capsule by its name, whether it is there or not yet; null: 16 others are here, wanted or in use. Where names come and go, the
    /// place of one that was removed may be given to another: ask again when <see cref="CapsuleSlot.IsRetired"/>.
    /// </summary>
    public CapsuleSlot Find(string name)
    {
        return _slots.Find(name);
    }

    /// <summary>Does what is due, in small pieces.</summary>
    /// <param name="nowMs">Milliseconds of a clock that never goes back.</param>
    /// <returns>Milliseconds until it wants to be called again, 0: at once. Earlier is right as well, and is better when a message has come.</returns>
    public int Step(long nowMs)
    {
        _context.Now = nowMs;
        _context.StepMicroseconds = _context.Platform.Microseconds();
        if (!_isStarted)
        {
            Start();
        }

        _slots.Expire();
        bool isBusy = _slots.IsBusy;
        _connection.Step(isBusy || _slots.IsWaiting ? 0 : _context.Options.MessagesPerStep);
        bool hasWorked = !isBusy && Fault == 0 && Work();
        if (!isBusy)
        {
            _reporter.Step();
        }

        return hasWorked ? 0 : Wait(isBusy);
    }

    /// <summary>Saves what must survive and starts the device again: no strike.</summary>
    public void Restart()
    {
        if (Fault == 0)
        {
            _context.Store.Sync();
            _context.Store.PlanRestart();
        }

        _connection.Leave();
        _context.Platform.Restart();
    }

    private void Start()
    {
        _isStarted = true;
        _context.StartedAt = _context.Now;
        _scrubAt = _context.Now + _context.Options.ScrubMilliseconds;
        Fault = _context.Store.Mount();
        if (Fault == NativeError.Empty)
        {
            Fault = _context.Store.Format();
            _context.Note(LogRing.Info, LogEvent.Store, string.Empty, "the flash had no store: it was formatted");
        }

        if (Fault != 0)
        {
            _context.Note(LogRing.Error, LogEvent.Store, string.Empty, "the flash " + NativeError.Describe(Fault));
            return;
        }

        int error = _context.Store.Boot(_context.Platform.ResetCause, _context.Options.Facts.Firmware);
        if (error < 0)
        {
            _context.Note(LogRing.Error, LogEvent.Store, string.Empty, "the start cannot be recorded: it " + NativeError.Describe(error));
        }

        _context.ExpectsDamage = true;
        _context.Note(LogRing.Info, LogEvent.Boot, string.Empty, "started, reset cause " + _context.Platform.ResetCause.ToString());
    }

    private bool Work()
    {
        if (_slots.IsWaiting)
        {
            return _director.Step();
        }

        if (_isMakingRoom)
        {
            _isMakingRoom = _context.Store.StepJob(_context.Options.JobBytes) == 1;
            return true;
        }

        if (_inbox.Keys != null && !_director.HasJob)
        {
            TakeKeys();
            return true;
        }

        if (_inbox.Desired != null)
        {
            DesiredDocument document = _inbox.Desired;
            _inbox.Desired = null!;
            _director.Take(document);
            return true;
        }

        return _director.Step() || Tidy();
    }

    // Between inferences and when nothing else is to be done: blocks are erased ahead of need, flash is read again, time is kept.
    private bool Tidy()
    {
        if (_context.ExpectsRecords)
        {
            _context.ExpectsRecords = _context.Store.Prepare(ScrubRecords) == 1;
            return true;
        }

        if (_context.Options.ScrubMilliseconds > 0 && _context.Now >= _scrubAt)
        {
            _scrubAt = _context.Now + _context.Options.ScrubMilliseconds;
            _context.ExpectsDamage |= _context.Store.Scrub(ScrubBytes) == NativeError.Corrupt;
        }

        if (_context.Now >= _clockAt)
        {
            _clockAt = _context.Now + ClockInterval;
            if (_context.Platform.WallClock() > 0)
            {
                _context.Store.SetTime(_context.Platform.WallClock());
            }
        }

        return false;
    }

    private void TakeKeys()
    {
        // It comes again with each connection, and to verify it costs two signatures.
        byte[] digest = new byte[Digests.Bytes];
        _context.Store.Hash(_inbox.Keys, 0, _inbox.Keys.Length, digest);
        if (Digests.AreEqual(digest, _keys))
        {
            _inbox.Keys = null!;
            return;
        }

        int before = _context.Store.KeyListVersion;
        int error = _context.Store.UseKeyList(_inbox.Keys);
        if (error == NativeError.Busy)
        {
            return;
        }

        if (error == NativeError.NoSpace && !_keysHadRoom)
        {
            _keysHadRoom = true;
            _isMakingRoom = _context.Store.Room(KeyListBytes, 1) == 1;
            return;
        }

        _keysHadRoom = false;
        _inbox.Keys = null!;
        if (error < 0)
        {
            _inbox.Refuse(AgentReason.Keys, 0, "a key list " + NativeError.Describe(error));
        }
        else
        {
            Digests.Copy(digest, _keys);
        }

        if (_context.Store.KeyListVersion != before)
        {
            _director.Refusals.ForgetSignatures();
            _director.Look();
            _context.StateChanged = true;
            _context.Note(LogRing.Info, LogEvent.Keys, string.Empty, "key list version " + _context.Store.KeyListVersion.ToString() + " counts");
        }
    }

    private int Wait(bool isBusy)
    {
        long wait = _connection.Wait();
        if (!isBusy)
        {
            wait = Least(wait, _reporter.Wait());
            wait = Fault != 0 ? wait : Least(wait, _director.Wait());
            wait = Fault != 0 || _inbox.Keys == null ? wait : 0;
        }

        wait = _context.Options.ScrubMilliseconds > 0 && Fault == 0 ? Least(wait, _scrubAt - _context.Now) : wait;
        wait = Least(wait, _context.Options.PollMilliseconds);
        return wait < 0 ? 0 : (int)wait;
    }

    private static long Least(long a, long b)
    {
        return a < b ? a : b;
    }
}
