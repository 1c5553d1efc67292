using NfRuntime.Agent.Lifecycle;
using NfRuntime.Agent.Pull;
using NfRuntime.Native;

namespace NfRuntime.Agent.Telemetry;

/// <summary>Publishes state, log and statistics when it is time (PROTOCOL.md §4.3 to §4.5). What cannot be told now is told later.</summary>
internal sealed class Reporter
{
    private const int StateInterval = 250;
    private const int ProgressInterval = 1000;
    private const int StateAtLeast = 3_600_000;
    private const int LogInterval = 250;
    private const int StatsInterval = 60_000;

    private readonly AgentContext _context;
    private readonly Director _director;
    private readonly CapsuleFetch _fetch;
    private readonly Slots _slots;
    private readonly FactsCache _facts;
    private readonly NameRecord _record = new NameRecord();
    private readonly StoreUsage _usage = new StoreUsage();
    private readonly string[] _texts = new string[3];
    private long _stateAt = long.MinValue / 2;
    private long _logAt = long.MinValue / 2;
    private long _statsAt;
    private long _allocated;
    private int _told;

    internal Reporter(AgentContext context, Director director, CapsuleFetch fetch, Slots slots, FactsCache facts)
    {
        _context = context;
        _director = director;
        _fetch = fetch;
        _slots = slots;
        _facts = facts;
        _statsAt = context.Now;
    }

    // A fetch has come further than was told.
    private bool HasMoved
    {
        get { return _fetch.IsActive && _fetch.Here != _told; }
    }

    internal void Step()
    {
        if (!_context.IsConnected)
        {
            return;
        }

        long since = _context.Now - _stateAt;
        if (since >= (_context.StateChanged ? StateInterval : HasMoved ? ProgressInterval : StateAtLeast))
        {
            State();
        }

        if (_context.Log.Count > 0 && _context.Now - _logAt >= LogInterval)
        {
            Log();
        }

        if (_context.Now - _statsAt >= StatsInterval)
        {
            Stats();
        }
    }

    internal long Wait()
    {
        if (!_context.IsConnected)
        {
            return long.MaxValue;
        }

        long wait = _stateAt + (_context.StateChanged ? StateInterval : HasMoved ? ProgressInterval : StateAtLeast) - _context.Now;
        long log = _context.Log.Count > 0 ? _logAt + LogInterval - _context.Now : long.MaxValue;
        long stats = HasStats() ? _statsAt + StatsInterval - _context.Now : long.MaxValue;
        wait = log < wait ? log : wait;
        return stats < wait ? stats : wait;
    }

    // With a journal that cannot be read it would say that the device has nothing: what was said last stands, and the log says why.
    private void State()
    {
        _stateAt = _context.Now;
        int first = _context.Store.NextName(0, _record);
        if (first < 0 && first != NativeError.NotFound)
        {
            _context.Fault(first);
            return;
        }

        DeviceReport report = _context.Report;
        report.Generation = _context.Generation;
        report.UptimeSeconds = (_context.Now - _context.StartedAt) / 1000;
        report.KnownTime = _context.KnownTime;
        report.KeyListVersion = _context.Store.KeyListVersion;
        StateDocument.Head(_context.Writer, report, CountNames());
        for (int slot = _context.Store.NextName(0, _record); slot > 0; slot = _context.Store.NextName(slot, _record))
        {
            Capsule();
        }

        StateDocument.Refusals(_context.Writer, _director.Refusals.Count(_director.Desired));
        _director.Refusals.Write(_context.Writer, _director.Desired);
        _context.Store.Usage(_usage);
        StateDocument.Tail(_context.Writer, report, _usage);
        if (_context.Publish(_context.Topics.State, 1, true))
        {
            _context.StateChanged = false;
            _told = _fetch.IsActive ? _fetch.Here : 0;
        }
    }

    private int CountNames()
    {
        int count = 0;
        for (int slot = _context.Store.NextName(0, _record); slot > 0; slot = _context.Store.NextName(slot, _record))
        {
            count++;
        }

        return count;
    }

    private void Capsule()
    {
        _texts[0] = Text(_record.Confirmed);
        _texts[1] = Text(_record.Candidate);
        _texts[2] = Text(_record.Previous);
        bool isFetched = _fetch.Total > 0 && _fetch.Name == _record.Name;
        CapsuleSlot slot = _slots.Known(_record.Name);
        int serving = slot == null || slot.Live == null ? -1 : slot.Live.Place;
        StateDocument.Capsule(_context.Writer, _record, _texts, isFetched ? _fetch.Here : -1, _fetch.Total, serving);
    }

    private string Text(VersionRecord version)
    {
        VersionFacts facts = version.State == LifecycleNumbers.StateNone ? null! : _facts.Find(version.Manifest);
        return facts == null ? string.Empty : facts.Version;
    }

    private void Log()
    {
        _context.Log.Write(_context.Writer, _context.Report.BootId);
        if (_context.Publish(_context.Topics.Log, 1, false))
        {
            _context.Log.Taken();
        }

        _logAt = _context.Now;
    }

    private bool HasStats()
    {
        return CountFigures() > 0;
    }

    private int CountFigures()
    {
        int count = 0;
        for (int i = 0; i < _slots.Count; i++)
        {
            count += _slots.At(i).Figures.IsEmpty ? 0 : 1;
            count += _slots.At(i).ShadowFigures.IsEmpty ? 0 : 1;
        }

        return count;
    }

    private void Stats()
    {
        int count = CountFigures();
        long allocated = _context.Platform.AllocatedBytes();
        bool isTold = count == 0;
        if (!isTold)
        {
            StatsDocument.Head(_context.Writer, _context.Report.BootId, (_context.Now - _context.StartedAt) / 1000, count);
            for (int i = 0; i < _slots.Count; i++)
            {
                CapsuleSlot slot = _slots.At(i);
                Figures(slot.Name, slot.Figures, slot.Live == null ? LifecycleNumbers.PlaceConfirmed : slot.Live.Place);
                Figures(slot.Name, slot.ShadowFigures, LifecycleNumbers.PlaceCandidate);
            }

            StatsDocument.Tail(_context.Writer, allocated - _allocated);
            isTold = _context.Publish(_context.Topics.Stats, 0, false);
        }

        _statsAt = _context.Now;
        _allocated = allocated;
        for (int i = 0; isTold && i < _slots.Count; i++)
        {
            _slots.At(i).Figures.Clear();
            _slots.At(i).ShadowFigures.Clear();
        }
    }

    private void Figures(string name, CapsuleFigures figures, int place)
    {
        if (!figures.IsEmpty)
        {
            figures.Write(_context.Writer, name, place);
        }
    }
}
