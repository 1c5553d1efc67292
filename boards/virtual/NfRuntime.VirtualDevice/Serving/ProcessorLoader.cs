using System.Collections.Generic;
using NfRuntime.Agent.Lifecycle;
using NfRuntime.Capsules;

namespace NfRuntime.VirtualDevice.Serving;

/// <summary>Managed processors of a device, each in a load context of its own that goes with it.</summary>
internal sealed class ProcessorLoader : IProcessorLoader
{
    private readonly Dictionary<CapsuleProcessor, ProcessorHost> _hosts = [];

    public CapsuleProcessor Load(byte[] assembly, string typeName)
    {
        var host = new ProcessorHost();
        try
        {
            CapsuleProcessor processor = host.Load(assembly, typeName);
            _hosts.Add(processor, host);
            return processor;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    public void Unload(CapsuleProcessor processor)
    {
        if (_hosts.Remove(processor, out ProcessorHost? host))
        {
            host.Dispose();
        }
    }

    /// <summary>The device lost power: nothing of them runs any more.</summary>
    public void Clear()
    {
        foreach (ProcessorHost host in _hosts.Values)
        {
            host.Dispose();
        }

        _hosts.Clear();
    }
}
