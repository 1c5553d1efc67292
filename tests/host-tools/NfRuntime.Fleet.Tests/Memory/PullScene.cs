using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Fleet.Distribution;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images;

namespace NfRuntime.Fleet.Tests.Memory;

/// <summary>Distributors and devices around one broker, on virtual time.</summary>
internal sealed class PullScene : IDisposable
{
    public const int StepMs = 5;
    private readonly List<(BlobDistributor Core, MemoryClient Mqtt, DistributorMeters Meters)> _distributors = [];

    /// <param name="bytes">Of the first blob.</param>
    /// <param name="log2">Of a block.</param>
    /// <param name="more">Bytes of the blobs that devices fetch after it.</param>
    public PullScene(int bytes, int log2 = 12, params int[] more)
    {
        foreach (int next in more)
        {
            byte[] blob = new byte[next];
            new Random(next).NextBytes(blob);
            More.Add((Digest.Of(blob), BlockGeometry.For(next, log2), blob));
        }

        Blob = new byte[bytes];
        new Random(bytes).NextBytes(Blob);
        Digest = Digest.Of(Blob);
        Geometry = BlockGeometry.For(bytes, log2);
        Source = new OneBlob(this);
    }

    public MemoryBroker Broker { get; } = new();

    public byte[] Blob { get; set; }

    public List<(Digest Digest, BlockGeometry Geometry, byte[] Bytes)> More { get; } = [];

    public Digest Digest { get; }

    public BlockGeometry Geometry { get; }

    public OneBlob Source { get; }

    public List<PullDevice> Devices { get; } = [];

    public long BlobBytes => Broker.PublishedBytes.GetValueOrDefault("b");

    public IReadOnlyList<(BlobDistributor Core, MemoryClient Mqtt, DistributorMeters Meters)> Distributors => _distributors;

    public BlobDistributor AddDistributor(string name, Func<DistributorOptions, DistributorOptions>? change = null)
    {
        MemoryClient mqtt = Broker.Client(name);
        var meters = new DistributorMeters();
        var options = new DistributorOptions { Tenant = "t", Name = name };
        var core = new BlobDistributor(change?.Invoke(options) ?? options, mqtt, Source, meters, () => 0.5, Broker.Now);
        _distributors.Add((core, mqtt, meters));
        return core;
    }

    public void AddDevices(int count)
    {
        Run(() => _distributors.TrueForAll(d => d.Core.IsConnected), 1000);
        int first = Devices.Count;
        Devices.AddRange(Enumerable.Range(first, count).Select(i => new PullDevice(Broker.Client($"d{i}"), () => Broker.Now, $"d{i}", i, [(Digest, Geometry), .. More.Select(m => (m.Digest, m.Geometry))])));
    }

    /// <summary>The process of a distributor ends without a word.</summary>
    public void KillDistributor(string name)
    {
        int at = _distributors.FindIndex(d => d.Mqtt.Name == name);
        _distributors[at].Mqtt.Cut();
        _distributors[at].Core.Dispose();
        _distributors.RemoveAt(at);
    }

    /// <summary>Runs until the condition holds; false: it did not within the time.</summary>
    public bool Run(Func<bool> until, long withinMs)
    {
        long end = Broker.Now + withinMs;
        while (!until() && Broker.Now < end)
        {
            AwaitSearches();
            Broker.Now += StepMs;
            foreach ((BlobDistributor core, _, _) in _distributors)
            {
                core.Step(Broker.Now);
            }

            foreach (PullDevice device in Devices)
            {
                device.Step();
            }
        }

        return until();
    }

    public bool RunToEnd(long withinMs = 600_000) => Run(() => Devices.TrueForAll(d => d.IsComplete), withinMs);

    // A search that its source has answered goes on, with a hash, on a thread of the pool: virtual time stands still meanwhile.
    private void AwaitSearches()
    {
        if (!SpinWait.SpinUntil(() => _distributors.Sum(d => d.Core.SearchesUnderWay) <= Source.Unanswered, TimeSpan.FromMinutes(1)))
        {
            throw new TimeoutException("a search did not end though its source had answered");
        }
    }

    public void Dispose()
    {
        foreach ((BlobDistributor core, MemoryClient mqtt, DistributorMeters meters) in _distributors)
        {
            core.Dispose();
            mqtt.Dispose();
            meters.Dispose();
        }
    }

    internal sealed class OneBlob(PullScene scene) : IBlobSource
    {
        public int Searches { get; private set; }

        /// <summary>Searches that wait for <see cref="Answer"/>.</summary>
        public int Unanswered { get; private set; }

        private readonly TaskCompletionSource _answer = new();

        public Exception? Fails { get; set; }

        /// <summary>Nothing is answered before <see cref="Answer"/>.</summary>
        public bool IsSlow { get; set; }

        /// <summary>Asked for this blob, it answers all that wait, before it returns.</summary>
        public Digest? AnswersWhenAskedFor { get; set; }

        public void Answer()
        {
            (IsSlow, Unanswered) = (false, 0);
            _answer.SetResult();
        }

        public async Task<ReadOnlyMemory<byte>?> FindAsync(Digest digest, int bytes, CancellationToken token)
        {
            Searches++;
            if (digest == AnswersWhenAskedFor)
            {
                Answer();
            }

            if (IsSlow)
            {
                Unanswered++;
                await _answer.Task;
            }

            return await NowAsync(digest, bytes);
        }

        private Task<ReadOnlyMemory<byte>?> NowAsync(Digest digest, int bytes)
        {
            ReadOnlyMemory<byte>? found = digest == scene.Digest && bytes == scene.Geometry.Bytes ? scene.Blob : null;
            int at = scene.More.FindIndex(m => m.Digest == digest && m.Geometry.Bytes == bytes);
            found = at < 0 ? found : scene.More[at].Bytes;
            return Fails is { } failure ? Task.FromException<ReadOnlyMemory<byte>?>(failure) : Task.FromResult(found);
        }
    }
}
