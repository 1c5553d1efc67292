using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Mosquitto;
using NfRuntime.VirtualDevice.Transport;

namespace NfRuntime.VirtualDevice.Serving;

/// <summary>nfr-device serve: devices until SIGTERM.</summary>
internal static class ServeProgram
{
    /// <exception cref="RefusedException">Something that the devices need cannot be had.</exception>
    public static async Task RunAsync(ServeOptions options, byte[] rootKey, Stream stdout)
    {
        using var stopping = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopping.Cancel();
        }

        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using HttpClient http = HttpRangeSource.CreateClient();
        CheckRoom(options.Count);
        Directory.CreateDirectory(options.StateFolder);
        var context = new ServeContext(options, DeviceBoard.Read(options.Board), rootKey, Samples.Read(options.Inputs), new EventLines(stdout), http);
        List<(Identity Identity, int Seed)> devices = await IdentitiesAsync(options, stopping.Token).ConfigureAwait(false);
        Serve(context, devices, stopping);
    }

    private static async Task<List<(Identity Identity, int Seed)>> IdentitiesAsync(ServeOptions options, CancellationToken cancellation)
    {
        using var enrolment = new Enrolment(options);
        var identities = new List<(Identity Identity, int Seed)>();
        for (int i = 0; i < options.Count; i++)
        {
            identities.Add((await enrolment.GetAsync(options.NameOf(i), cancellation).ConfigureAwait(false), unchecked(options.Seed + (i * 104_729))));
        }

        return identities;
    }

    private static void Serve(ServeContext context, List<(Identity Identity, int Seed)> devices, CancellationTokenSource stopping)
    {
        int shards = Math.Clamp(Math.Min(Environment.ProcessorCount, (devices.Count + 31) / 32), 1, devices.Count);
        Shard[] running = [.. Enumerable.Range(0, shards).Select(number =>
            new Shard(context, [.. devices.Where((_, i) => i % shards == number)], number) { Stopping = stopping })];
        Array.ForEach(running, shard => shard.Start());
        Array.ForEach(running, shard => shard.Join());
        if (running.Select(shard => shard.Failure).FirstOrDefault(failure => failure is not null) is { } failed)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failed);
        }
    }

    // Better before the first one starts than at the one that finds no descriptor.
    private static void CheckRoom(int count)
    {
        int room = MosquittoPoll.RoomForClients(beside: 1); // its flash
        if (count > room)
        {
            throw new RefusedException("descriptors", $"{count} devices need more file descriptors than this process may open: room for {room}. Raise ulimit -n, or start several processes.");
        }
    }
}
