namespace NfRuntime.Agent.Pull;

/// <summary>Blobs by HTTP Range, where a device has that: one request at a time. Nothing blocks and nothing throws.</summary>
public interface IRangeSource
{
    /// <summary>Asks for <paramref name="count"/> bytes at <paramref name="offset"/> of what the address names; ends what was asked before.</summary>
    /// <returns>False: it cannot be asked for.</returns>
    bool Begin(string url, int offset, int count);

    /// <summary>Takes what has come of it.</summary>
    /// <param name="buffer">To write to.</param>
    /// <param name="at">From here on.</param>
    /// <param name="count">At most so many bytes.</param>
    /// <returns>Bytes that were written, 0: none yet; negative: it failed, or the answer is not that range.</returns>
    int Poll(byte[] buffer, int at, int count);

    /// <summary>Gives up what was asked for.</summary>
    void GiveUp();
}
