// Signatures of nanoFramework's System.Net 1.11.54 that runtime/ uses; bodies are never run.
[assembly: System.Reflection.AssemblyVersion("1.11.54.0")]

namespace System.Net
{
    public static class Dns
    {
        public static IPHostEntry GetHostEntry(string hostNameOrAddress) => throw null;
    }

    public class IPHostEntry
    {
        public IPHostEntry()
        {
        }

        public IPAddress[] AddressList => throw null;
    }

    public class IPAddress
    {
        public IPAddress(byte[] address)
        {
        }

        public Sockets.AddressFamily AddressFamily => throw null;
    }

    public abstract class EndPoint
    {
        protected EndPoint()
        {
        }
    }

    public class IPEndPoint : EndPoint
    {
        public IPEndPoint(IPAddress address, int port)
        {
        }
    }
}

namespace System.Net.Sockets
{
    public enum AddressFamily
    {
        InterNetwork = 2,
    }

    public enum SocketType
    {
        Stream = 1,
    }

    public enum ProtocolType
    {
        Tcp = 6,
    }

    public enum SocketFlags
    {
        None = 0,
    }

    public class Socket : IDisposable
    {
        public Socket(AddressFamily addressFamily, SocketType socketType, ProtocolType protocolType)
        {
        }

        public int ReceiveTimeout
        {
            get => throw null;
            set => throw null;
        }

        public int SendTimeout
        {
            get => throw null;
            set => throw null;
        }

        void IDisposable.Dispose() => throw null;

        public void Connect(EndPoint remoteEP) => throw null;

        public void Close() => throw null;

        public int Send(byte[] buffer, int offset, int size, SocketFlags socketFlags) => throw null;

        public int Receive(byte[] buffer, int offset, int size, SocketFlags socketFlags) => throw null;
    }

    public class NetworkStream : IO.Stream
    {
        public NetworkStream(Socket socket)
        {
        }

        public override int ReadTimeout
        {
            get => throw null;
            set => throw null;
        }

        public override void Flush() => throw null;

        public override int Read(byte[] buffer, int offset, int count) => throw null;

        public override void Write(byte[] buffer, int offset, int count) => throw null;
    }
}
