namespace NfRuntime.Agent.M2Mqtt;

/// <summary>A connection that carries bytes. Its calls may block, each for some seconds at most, and throw; Close does neither.</summary>
internal interface IByteChannel
{
    /// <summary>Connects; with TLS it verifies the host's name.</summary>
    void Open(string host, int port, bool usesTls);

    /// <summary>Sends bytes 0 … <paramref name="count"/> − 1.</summary>
    void Send(byte[] bytes, int count);

    /// <summary>Reads some bytes.</summary>
    /// <returns>How many; 0: the other side has ended.</returns>
    int Receive(byte[] bytes, int at, int count);

    void Close();
}
