using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Microsoft.Data.Sqlite;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Data;
using NfRuntime.Fleet.Mqtt;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Signing;

namespace NfRuntime.Fleet.Control;

/// <summary>
/// The only writer of desired documents. <see cref="Step"/> does what is to be done; operators' wishes may come from any thread. Retained
/// messages are a cache: after every connection it publishes all of them again.
/// </summary>
public sealed class FleetController : IFleetMqttSink, IDisposable
{
    private const int MessagesAtOnce = 1024;
    private const long RestoreMs = 500;
    private const long RestoreMaxMs = 15_000;
    private const long OnlineMs = 30_000;
    private const string KeyListSetting = "key-list";
    private readonly System.Threading.Lock _gate = new();
    private readonly ControllerOptions _options;
    private readonly FleetState _state;
    private readonly IFleetMqtt _mqtt;
    private readonly Topics _topics;
    private readonly Action<string> _log;
    private readonly ConnectionKeeper _connection;
    private readonly DeviceViews _views;
    private readonly DeviceReports _reports;
    private readonly DeploymentStatus _status;
    private readonly Operations _operations;
    private readonly DesiredPublisher _publisher;
    private readonly DistributorList _distributors;
    private readonly MissingReports _missing;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[]? _keyList;
    private long _connectedAt;
    private long _retainedAt;
    private bool _restored;
    private bool _settled;
    private FleetDatabaseException? _failure;

    /// <param name="options">Names and limits.</param>
    /// <param name="database">The caller disposes of it after this.</param>
    /// <param name="mqtt">Not connected yet; the caller disposes of it.</param>
    /// <param name="images">Images that can be deployed.</param>
    /// <param name="clock">Unix ms.</param>
    /// <param name="random">Uniform in [0, 1).</param>
    /// <param name="log">Takes a sentence for the operator.</param>
    public FleetController(ControllerOptions options, FleetDatabase database, IFleetMqtt mqtt, ImageStore images, Func<long> clock, Func<double> random, Action<string>? log = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(database);
        (_options, _mqtt, _log, _topics) = (options, mqtt, log ?? (_ => { }), new Topics(options.Tenant));
        _state = new FleetState(options, database, clock);
        _connection = new ConnectionKeeper(mqtt, null, random);
        _views = new DeviceViews(_state);
        _reports = new DeviceReports(_state, _views, _log);
        _status = new DeploymentStatus(_state);
        _operations = new Operations(_state, new ImageCatalog(images), new DeltaMaker(options.DeltaFolder, images), _status, _log);
        _distributors = new DistributorList(_log, clock);
        _publisher = new DesiredPublisher(_state, mqtt, _topics);
        _missing = new MissingReports(_state, mqtt, _topics);
        _keyList = database.Setting(KeyListSetting);
    }

    public bool IsConnected => _connection.IsConnected;

    /// <summary>Does what is to be done now. Returns the ms until there may be more.</summary>
    /// <exception cref="FleetDatabaseException">The database cannot be written any more. What is in memory may be more than what is stored: nothing is published, the process has to start again.</exception>
    public long Step() => Stored(() =>
    {
        long now = _state.Clock();
        _mqtt.Poll(this, MessagesAtOnce);
        long wait = Math.Min(_connection.Step(now), 1000);
        bool isBehind = _reports.TakeWaiting();
        if (IsConnected)
        {
            Settle(now);
        }

        Save(); // before anything is published: a generation that a device has seen is never given twice
        if (IsConnected && _restored)
        {
            _publisher.Publish(now);
            Save();
            _missing.AskAgain(now);
        }

        return isBehind || (IsConnected && !_restored) ? Math.Min(wait, 50) : wait;
    });

    /// <summary>Writes what devices are to have. Images are read and deltas made without the lock: devices and operators go on meanwhile.</summary>
    /// <exception cref="FleetException">The request is wrong, names no such image or device, or the image cannot be trusted.</exception>
    public DeploymentView Deploy(DeploymentRequest request)
    {
        PreparedDeployment prepared = _operations.Prepare(request);
        Read(() =>
        {
            _operations.Foresee(prepared);
            return true;
        });
        _operations.MakeDeltas(prepared);
        return Operate(() => _operations.Deploy(prepared));
    }

    /// <inheritdoc cref="Operations.Confirm"/>
    public DeploymentView Confirm(string capsule, CapsuleRequest request) => Operate(() => _operations.Confirm(capsule, request));

    /// <inheritdoc cref="Operations.RollBack"/>
    public DeploymentView RollBack(string capsule, CapsuleRequest request) => Operate(() => _operations.RollBack(capsule, request));

    /// <inheritdoc cref="Operations.Remove"/>
    public DeploymentView Remove(string capsule, CapsuleRequest request) => Operate(() => _operations.Remove(capsule, request));

    /// <summary>A deployment with what its devices report; null when there is none.</summary>
    public DeploymentView? Deployment(string id) => Read(() => _state.Database.Deployment(id) is { } row ? _status.Of(row) : null);

    public IReadOnlyList<DeviceView> Devices() => Read<IReadOnlyList<DeviceView>>(() => [.. _state.Devices.Select(_views.Of)]);

    /// <exception cref="FleetException">No such device (8004).</exception>
    public DeviceView Device(string device) => Read(() => _views.Of(_state.Device(device)));

    /// <exception cref="FleetException">No such device (8004).</exception>
    public WhyView Why(string device, string? capsule) => Read(() => new WhyText(_state, _status).Of(_state.Device(device), capsule));

    public IReadOnlyList<StatsView> Stats(string? device) => Read<IReadOnlyList<StatsView>>(() =>
        [.. _state.Database.Stats(device).Select(json => JsonSerializer.Deserialize(json, ApiJson.Default.StatsView)!)]);

    public IReadOnlyList<DistributorView> Distributors() => Read(_distributors.Views);

    /// <summary>Takes a key list, to be published.</summary>
    /// <exception cref="FleetException">Not signed by the root key, malformed, or older than the one in force (8008).</exception>
    public void PutKeys(byte[] list) => Operate(() =>
    {
        PublicKey root = _options.RootKey ?? throw new FleetException(8008, 409, "this controller has no root key to check a key list with", "Start it with the root's public key.");
        try
        {
            uint least = _keyList is { } known ? KeyListFile.Read(known, root).Version : 0;
            _ = KeyListFile.Read(list, root, least);
        }
        catch (ManifestFormatException e)
        {
            throw new FleetException(8008, 409, e.Message, "capsule keygen and capsule up show how key lists are made; a version may not go down.", e);
        }

        _state.Database.Begin();
        _state.Database.SaveSetting(KeyListSetting, list);
        _keyList = list;
        _publisher.PublishKeys(list);
        return true;
    });

    /// <summary>Makes a device known before it has said anything.</summary>
    public void AddDevice(string device) => Operate(() => _state.FindOrAdd(device) ?? throw new FleetException(8002, 409, $"there are {_options.MaxDevices} devices already"));

    /// <summary>Forgets a device and clears its retained documents.</summary>
    /// <exception cref="FleetException">No such device (8004).</exception>
    public void Retire(string device) => Operate(() =>
    {
        _reports.Forget(_state.Device(device));
        _state.Forget(device);
        _state.Database.AddRetired(device);
        _publisher.Clear(device);
        return true;
    });

    /// <summary>Events after a number, oldest first.</summary>
    internal IReadOnlyList<EventRow> Events(long after, string? device, int limit) => Read(() => _state.Database.Events(after, device, limit));

    /// <summary>The number of the newest event.</summary>
    internal long LastEvent() => Read(_state.Database.LastEvent);

    /// <summary>Ends when there are events that were not there before.</summary>
    internal Task NewsAsync() => Read(() => _news.Task);

    /// <summary>Says goodbye to the broker.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _mqtt.Disconnect();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _state.Meters.Dispose();
            if (_failure is null)
            {
                Save();
            }
        }
    }

    void IFleetMqttSink.OnConnected()
    {
        _connection.Connected(_state.Clock());
        _connectedAt = _retainedAt = _state.Clock();
        (_restored, _settled) = (false, false);
        _distributors.Clear();
        foreach (DeviceRecord device in _state.Devices)
        {
            device.Heard.Nothing();
        }

        _publisher.Restore(_keyList);

        _mqtt.Subscribe(_topics.AllDevices, 1);
        _mqtt.Subscribe(_topics.AllPresence, 1);
    }

    void IFleetMqttSink.OnDisconnected(string reason)
    {
        _connection.Disconnected(_state.Clock());
        _distributors.Clear();
        _log($"not connected to the broker: {reason}");
    }

    void IFleetMqttSink.OnMessage(string topic, ReadOnlySpan<byte> payload, bool isRetained)
    {
        _retainedAt = isRetained ? _state.Clock() : _retainedAt;
        switch (_topics.Parse(topic))
        {
            case { Kind: TopicKind.Presence, Name: var name }:
                _distributors.Take(name, payload);
                break;
            case { Kind: var kind, Name: var device } when payload.IsEmpty && _publisher.IsCleared(device):
                _publisher.Echo(device, kind);
                break;
            case { Kind: TopicKind.Desired, Name: var device }:
                OnDesired(device, payload);
                break;
            case { Kind: TopicKind.Online or TopicKind.Capabilities or TopicKind.State or TopicKind.Log or TopicKind.Stats, Name: var device } parsed when !_publisher.IsCleared(device):
                _reports.Receive(device, parsed.Kind, payload, isRetained);
                break;
            default:
                break;
        }
    }

    // Only controllers can publish this: one of a higher generation comes from an earlier life whose database is gone.
    private void OnDesired(string name, ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty || _publisher.IsCleared(name) || _state.FindOrAdd(name) is not { } device)
        {
            return;
        }

        try
        {
            DesiredDocument desired = DesiredDocument.Read(payload);
            if (desired.Generation > device.Generation && desired.Generation <= DeviceRecord.MaxGeneration)
            {
                (device.Desired, device.Generation, device.IsDirty) = (desired with { Time = null, Registry = null }, desired.Generation, true);
                _log($"{name}: taking over its desired document of generation {desired.Generation}, which this database does not have");
            }
        }
        catch (ProtocolException e)
        {
            _log($"{name}: a desired document that is not the controller's: {e.Message}");
            device.MustPublish |= device.Desired is not null;
        }
    }

    private void Settle(long now)
    {
        // Until nothing retained comes any more: it may be orders of an earlier life, newer than this database's, which must not be written over.
        _restored |= now - _retainedAt >= RestoreMs || now - _connectedAt >= RestoreMaxMs;
        if (!_settled && now - _connectedAt >= OnlineMs)
        {
            _settled = true; // who has not spoken since went while the broker or the controller was away
            foreach (DeviceRecord device in _state.Devices.Where(d => d.Online && !d.Heard.Online).ToArray())
            {
                _reports.SetOnline(device, false);
            }
        }
    }

    private T Read<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    // What an operator was told is on the disk.
    private T Operate<T>(Func<T> operation) => Stored(() =>
    {
        Save();
        _state.Database.SetDurable(true);
        try
        {
            T result = operation();
            Save();
            _operations.DeleteForgotten();
            return result;
        }
        catch (Exception e) when (e is not SqliteException)
        {
            _state.Database.RollBack();
            _operations.KeepForgotten();
            throw;
        }
        finally
        {
            _state.Database.SetDurable(false);
        }
    });

    // After a write that failed nobody knows what of memory is stored: a generation could be published that the next start gives again.
    private T Stored<T>(Func<T> work)
    {
        lock (_gate)
        {
            if (_failure is not null)
            {
                throw _failure;
            }

            try
            {
                return work();
            }
            catch (SqliteException e)
            {
                _failure = new FleetDatabaseException($"the database cannot be written: {e.Message}", e);
                throw _failure;
            }
        }
    }

    private void Save()
    {
        if (_state.Save())
        {
            TaskCompletionSource old = _news;
            _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            old.SetResult();
        }
    }
}
