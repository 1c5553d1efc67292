using System;
using NfRuntime.Agent.Protocol;
using NfRuntime.Capsules;
using NfRuntime.Native;

namespace NfRuntime.Agent.Lifecycle;

/// <summary>
/// Opens or tests one version, a slice a step. A test's verdict goes to the store by itself; what says nothing of the version (memory, flash)
/// is told to the caller.
/// </summary>
internal sealed class VersionWork
{
    private readonly AgentContext _context;
    private readonly FactsCache _facts;
    private readonly IProcessorLoader _loader;
    private readonly VersionReport _report = new VersionReport();
    private CapsuleProcessor _processor = null!;
    private VersionFacts _version = null!;
    private int _number = -1;

    internal VersionWork(AgentContext context, FactsCache facts, IProcessorLoader loader)
    {
        _context = context;
        _facts = facts;
        _loader = loader;
    }

    internal bool IsActive
    {
        get { return _number >= 0; }
    }

    internal bool IsTest { get; private set; }

    /// <summary>Of the name.</summary>
    internal int Slot { get; private set; }

    internal int Place { get; private set; }

    /// <summary>After it came to its end well: the open version.</summary>
    internal OpenVersion Opened { get; private set; } = null!;

    /// <summary>After a failed self-test: its case and operator.</summary>
    internal VersionReport Report
    {
        get { return _report; }
    }

    /// <summary>Starts. 1: Step then; Processor when the managed section cannot be used; or a negative error of the store.</summary>
    internal int Start(int slot, int place, byte[] manifest, bool isTest)
    {
        Slot = slot;
        Place = place;
        IsTest = isTest;
        Opened = null!;
        _version = _facts.Load(manifest);
        if (_version == null)
        {
            return NativeError.Signature;
        }

        int loaded = LoadProcessor();
        if (loaded != NativeError.Ok)
        {
            return loaded;
        }

        int number = isTest ? _context.Store.TestVersion(slot, place) : _context.Store.OpenVersion(slot, place);
        if (number < 0)
        {
            Unload();
            return number;
        }

        _number = number;
        _context.IsTesting = isTest;
        return 1;
    }

    /// <summary>A slice. 1: call again; 0: <see cref="Opened"/>; Processor; or a negative error, and it is closed.</summary>
    internal int Step()
    {
        int result = _context.Store.VersionStep(_number, _context.Options.SliceBudget, _report);
        if (result == 1 || result == NativeError.Busy)
        {
            return 1;
        }

        int number = _number;
        End();
        if (result < 0)
        {
            _context.Store.CloseVersion(number);
            Unload();
            return result;
        }

        return Take(number);
    }

    /// <summary>Gives up.</summary>
    internal void Stop()
    {
        if (IsActive)
        {
            _context.Store.CloseVersion(_number);
            Unload();
            End();
        }
    }

    /// <summary>Closes a version that was opened here.</summary>
    internal void Close(OpenVersion version)
    {
        _context.Store.CloseVersion(version.Number);
        Unload(version.Processor);
    }

    private void End()
    {
        _number = -1;
        _context.IsTesting = false;
    }

    // Whether a processor suits the model's tensors, and that there is one input to feed, is known only now.
    private int Take(int number)
    {
        int reason = AgentReason.Unsupported;
        try
        {
            NativeCapsule capsule = _context.Store.VersionCapsule(number);
            if (capsule.InputCount == 1)
            {
                reason = AgentReason.Processor;
                Opened = new OpenVersion(number, Place, _version, new Runner(capsule, _processor), _processor);
                _processor = null!;
                return 0;
            }
        }
        catch (Exception)
        {
            Opened = null!;
        }

        _context.Store.CloseVersion(number);
        Unload();
        return reason;
    }

    // Ok, Processor, or an error of flash. What is about to run is hashed where it will run from: flash may have changed since it was stored.
    private int LoadProcessor()
    {
        if (_version.Processor.Length == 0)
        {
            return NativeError.Ok;
        }

        if (_loader == null)
        {
            return AgentReason.Processor;
        }

        try
        {
            byte[] section = new byte[_version.ManagedBytes];
            byte[] digest = new byte[_version.Managed.Length];
            int error = _context.Store.Read(_version.Managed, 0, section, 0, section.Length);
            error = error < 0 ? error : _context.Store.Hash(section, 0, section.Length, digest);
            if (error < 0 || !Digests.AreEqual(digest, _version.Managed))
            {
                return error < 0 ? error : NativeError.Port; // flash reads other bytes than it took: DAMAGED, not the publisher's fault
            }

            _processor = _loader.Load(section, _version.Processor);
        }
        catch (Exception)
        {
            // Also: there is no room for it.
            _processor = null!;
        }

        return _processor != null ? NativeError.Ok : AgentReason.Processor;
    }

    private void Unload()
    {
        Unload(_processor);
        _processor = null!;
    }

    private void Unload(CapsuleProcessor processor)
    {
        if (processor != null)
        {
            try
            {
                _loader.Unload(processor);
            }
            catch (Exception)
            {
                _context.Note(Telemetry.LogRing.Warning, Telemetry.LogEvent.Swapped, string.Empty, "a processor could not be unloaded");
            }
        }
    }
}
