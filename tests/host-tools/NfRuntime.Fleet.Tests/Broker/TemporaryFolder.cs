using System;
using System.IO;
using NfRuntime.Fleet.Broker;

namespace NfRuntime.Fleet.Tests.Broker;

/// <summary>A folder of one test; a broker that still runs on it, because the test failed, is ended.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("nfr-test-").FullName;

    public void Dispose()
    {
        if (File.Exists(System.IO.Path.Combine(Path, "mosquitto.pid")))
        {
            using BrokerFolder folder = BrokerFolder.OpenOrCreate(Path);
            using BrokerProcess? left = BrokerProcess.TryAttach(folder);
            left?.Kill();
        }

        Directory.Delete(Path, recursive: true);
    }
}
