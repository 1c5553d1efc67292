using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using NfRuntime.Mosquitto;

namespace NfRuntime.VirtualDevice.Serving;

/// <summary>Devices that share a thread and an epoll instance.</summary>
internal sealed class Shard
{
    private const int MostWaitMs = 100; // devices that have something to take are found after a poll at the latest
    private readonly ServeContext _context;
    private readonly IReadOnlyList<(Identity Identity, int Seed)> _devices;
    private readonly Thread _thread;

    public Shard(ServeContext context, IReadOnlyList<(Identity Identity, int Seed)> devices, int number)
    {
        _context = context;
        _devices = devices;
        _thread = new Thread(Run) { Name = $"devices {number}" };
    }

    /// <summary>What ended it besides <see cref="Stopping"/>; null without.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Ends all shards.</summary>
    public required CancellationTokenSource Stopping { get; init; }

    public void Start() => _thread.Start();

    public void Join() => _thread.Join();

    private void Run()
    {
        var devices = new List<ServedDevice>();
        using var poll = new MosquittoPoll();
        try
        {
            foreach ((Identity identity, int seed) in _devices)
            {
                devices.Add(new ServedDevice(_context, identity, seed, poll));
            }

            Serve(devices, poll);
        }
#pragma warning disable CA1031 // it ends the process, with its reason
        catch (Exception e)
#pragma warning restore CA1031
        {
            Failure = e;
            Stopping.Cancel();
        }
        finally
        {
            devices.ForEach(device => device.Dispose());
        }
    }

    private void Serve(List<ServedDevice> devices, MosquittoPoll poll)
    {
        long[] due = new long[devices.Count];
        var clock = Stopwatch.StartNew();
        while (!Stopping.IsCancellationRequested)
        {
            long now = clock.ElapsedMilliseconds, next = now + MostWaitMs;
            for (int i = 0; i < due.Length; i++)
            {
                if (due[i] <= now || devices[i].HasArrivals)
                {
                    due[i] = devices[i].Step(now);
                }

                next = Math.Min(next, due[i]);
            }

            poll.Poll((int)Math.Clamp(next - clock.ElapsedMilliseconds, 0, MostWaitMs));
        }
    }
}
