using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images;

namespace NfRuntime.Fleet.Distribution;

/// <summary>The streams of a distributor, with their blobs: bounded in number and in bytes.</summary>
internal sealed class Streams(DistributorOptions options, IBlobSource source, DistributorMeters meters, Action<string> log) : IDisposable
{
    private const int SearchesOfOne = 4;
    private const long SearchAgainMs = 5000;
    private const int MaxAbsent = 4096;

    // By size too: who names a wrong size must not stand in the way of those who name the right one.
    private readonly Dictionary<(Digest, BlockGeometry), BlobStream> _streams = [];
    private readonly Dictionary<(Digest, int), Task<ReadOnlyMemory<byte>?>> _searches = [];
    private readonly Dictionary<(Digest, int), long> _absent = [];
    private readonly Dictionary<string, BlobStream> _left = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private int _turn;

    public int Count => _streams.Count;

    public IReadOnlyCollection<BlobStream> All => _streams.Values;

    /// <summary>The stream of a want; null when there is no room for one more, when the blob was not there a moment ago, or when this device has others looked for already.</summary>
    public BlobStream? For(string device, WantDocument want, long now)
    {
        if (_streams.TryGetValue((want.Blob, want.Geometry), out BlobStream? known))
        {
            return known;
        }

        if ((_absent.TryGetValue((want.Blob, want.Geometry.Bytes), out long until) && now < until)
            || _streams.Values.Count(s => s.Content is null && s.Opener == device) >= SearchesOfOne)
        {
            return null;
        }

        if (_streams.Count >= options.MaxStreams || HeldBytes() + want.Geometry.Bytes > options.MaxHeldBytes)
        {
            return null;
        }

        var stream = new BlobStream(want.Blob, want.Geometry, now) { Opener = device };
        _streams.Add((want.Blob, want.Geometry), stream);
        return stream;
    }

    /// <summary>A device wants something of a stream, or nothing any more: which blobs follow each other is learned from that.</summary>
    public void Moves(string device, BlobStream stream, bool isDone)
    {
        if (isDone)
        {
            _left[device] = stream;
        }
        else if (_left.Remove(device, out BlobStream? earlier))
        {
            stream.Follow(earlier);
        }
    }

    /// <summary>Starts to look for blobs and takes what was found; a stream whose blob is not there is forgotten.</summary>
    public void Search(long now)
    {
        // One that ends from here on is taken the next time: forgotten unread, it would be made again.
        HashSet<(Digest, int)> ended = [.. _searches.Where(s => s.Value.IsCompleted).Select(s => s.Key)];
        foreach (BlobStream stream in _streams.Values.Where(s => s.Content is null).ToArray())
        {
            (Digest, int) key = (stream.Blob, stream.Geometry.Bytes);
            if (!_searches.TryGetValue(key, out Task<ReadOnlyMemory<byte>?>? search))
            {
                search = FindVerifiedAsync(stream.Blob, stream.Geometry.Bytes);
                _searches.Add(key, search);
                if (search.IsCompleted)
                {
                    ended.Add(key);
                }
            }

            if (!ended.Contains(key))
            {
                continue;
            }

            stream.Content = search.Result;
            if (stream.Content is null)
            {
                meters.Refused();
                Remove(stream);
                Miss(stream, now);
            }
        }

        foreach ((Digest, int) key in ended)
        {
            _searches.Remove(key);
        }
    }

    /// <summary>Searches that have not ended.</summary>
    public int SearchesUnderWay => _searches.Values.Count(s => !s.IsCompleted);

    /// <summary>Whether a search is under way that has to be asked again soon.</summary>
    public bool IsSearching => _searches.Count > 0;

    /// <summary>Forgets the streams that <paramref name="isOver"/>.</summary>
    public void Drop(Predicate<BlobStream> isOver)
    {
        foreach (BlobStream stream in _streams.Values.Where(s => isOver(s)).ToArray())
        {
            Remove(stream);
        }
    }

    /// <summary>Those that stream, each time another one first.</summary>
    public IReadOnlyList<BlobStream> InTurn()
    {
        BlobStream[] streaming = [.. _streams.Values.Where(s => s.IsStreaming)];
        _turn++;
        return [.. streaming.Skip(streaming.Length == 0 ? 0 : _turn % streaming.Length), .. streaming.Take(streaming.Length == 0 ? 0 : _turn % streaming.Length)];
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private void Miss(BlobStream stream, long now)
    {
        if (_absent.Count >= MaxAbsent)
        {
            _absent.Clear();
        }

        _absent[(stream.Blob, stream.Geometry.Bytes)] = now + SearchAgainMs;
    }

    // Nothing may refer to it: it holds its blob.
    private void Remove(BlobStream stream)
    {
        _streams.Remove((stream.Blob, stream.Geometry));
        foreach (BlobStream other in _streams.Values)
        {
            other.Forget(stream);
        }

        foreach (string device in _left.Where(l => l.Value == stream).Select(l => l.Key).ToArray())
        {
            _left.Remove(device);
        }
    }

    private long HeldBytes() => _streams.Values.Select(s => (s.Blob, s.Geometry.Bytes)).Distinct().Sum(b => (long)b.Bytes);

    private async Task<ReadOnlyMemory<byte>?> FindVerifiedAsync(Digest blob, int bytes)
    {
        try
        {
            ReadOnlyMemory<byte>? found = await source.FindAsync(blob, bytes, _stop.Token).ConfigureAwait(false);
            if (found is not { } content)
            {
                log($"blob {blob.Short} ({bytes} bytes) is wanted and not there");
                return null;
            }

            if (content.Length == bytes && Digest.Of(content.Span) == blob)
            {
                return content;
            }

            log($"blob {blob.Short} is damaged in its source and not served");
        }
#pragma warning disable CA1031 // A source is a file system or a network: whatever goes wrong there costs this blob and nothing else.
        catch (Exception e)
#pragma warning restore CA1031
        {
            log($"blob {blob.Short} cannot be read: {e.Message}");
        }

        return null;
    }
}
