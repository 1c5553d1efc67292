using System;
using System.Collections.Generic;
using System.Diagnostics.Metrics;
using NfRuntime.Fleet.Distribution;
using NfRuntime.Fleet.Tests.Memory;
using Xunit;

namespace NfRuntime.Fleet.Tests.Distribution;

public sealed class MeterTests
{
    [Fact]
    public void WhatIsPublishedIsCountedWhereAnExporterListens()
    {
        var sums = new Dictionary<string, long>(StringComparer.Ordinal);
        using var scene = new PullScene(50_000);
        scene.AddDistributor("a");
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == DistributorMeters.MeterName)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        int thread = Environment.CurrentManagedThreadId; // distributors of other tests count on other threads
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            if (Environment.CurrentManagedThreadId == thread)
            {
                sums[instrument.Name] = sums.GetValueOrDefault(instrument.Name) + value;
            }
        });
        listener.Start();
        scene.AddDevices(3);
        Assert.True(scene.RunToEnd());

        Assert.Equal(scene.BlobBytes, sums["nfr.distributor.published.bytes"]);
        Assert.Equal((13, 1, 3), (sums["nfr.distributor.published.frames"], sums["nfr.distributor.passes"], sums["nfr.distributor.wants"]));
    }
}
