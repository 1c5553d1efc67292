using NfRuntime.Agent.Protocol;

namespace NfRuntime.Agent.Pull;

/// <summary>Chunks made of a base and a delta that are here: one a step, so that a reset costs what is not yet on flash and no more.</summary>
internal sealed class DeltaStream
{
    private readonly AgentContext _context;
    private readonly byte[] _target = new byte[Digests.Bytes];
    private DesiredDelta _delta = null!;
    private DeltaReader _reader = null!;
    private byte[] _buffer = null!;
    private int _bytes;
    private int _log2;
    private int _chunk;

    internal DeltaStream(AgentContext context)
    {
        _context = context;
    }

    internal bool IsOffered
    {
        get { return _delta != null; }
    }

    /// <summary>delta: null for none.</summary>
    internal void Offer(DesiredDelta delta, byte[] target, int bytes)
    {
        _delta = delta;
        _bytes = bytes;
        Digests.Copy(target, _target);
    }

    internal void Withdraw()
    {
        _delta = null!;
    }

    internal void Start(int bytes, int log2)
    {
        if (_delta == null)
        {
            return;
        }

        _bytes = bytes;
        _log2 = log2;
        _chunk = 0;
        _buffer = new byte[1 << log2];
        _reader = new DeltaReader(_context.Store, _delta.Delta, _delta.Bytes);
        if (_reader.Open(_delta.Base, _target) < 0 || _reader.TargetBytes != bytes)
        {
            Withdraw();
        }
    }

    internal void Stop()
    {
        _buffer = null!;
        _reader = null!;
    }

    /// <summary>One chunk. 1; negative: the store has given the blob up.</summary>
    internal int Step()
    {
        int count = BlobGeometry.BlockBytes(_bytes, _log2, _chunk);
        bool isMissing = _context.Store.Missing(_chunk) == _chunk;
        if (_reader.Next(_buffer, count, isMissing) < 0)
        {
            Withdraw();
            return 1;
        }

        int result = isMissing ? _context.Store.Write(_chunk, _buffer, 0, count) : 0;
        _chunk++;
        if (_chunk == BlobGeometry.Blocks(_bytes, _log2))
        {
            Withdraw();
        }

        return result < 0 ? result : 1;
    }
}
