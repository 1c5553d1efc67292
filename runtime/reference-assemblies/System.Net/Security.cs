using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace System.Net.Security
{
    public enum SslProtocols
    {
        Tls12 = 3072,
    }

    public enum SslVerification
    {
        CertificateRequired = 4,
    }

    public class SslStream : NetworkStream
    {
        public SslStream(Socket socket)
            : base(socket)
        {
        }

        public SslVerification SslVerification
        {
            get => throw null;
            set => throw null;
        }

        public bool UseStoredDeviceCertificate
        {
            get => throw null;
            set => throw null;
        }

        public void AuthenticateAsClient(string targetHost, X509Certificate clientCertificate, X509Certificate ca, SslProtocols enabledSslProtocols) => throw null;

        public override int Read(byte[] buffer, int offset, int size) => throw null;

        public override void Write(byte[] buffer, int offset, int size) => throw null;
    }
}

namespace System.Security.Cryptography.X509Certificates
{
    public class X509Certificate
    {
        public X509Certificate(byte[] certificate)
        {
        }
    }

    public class X509Certificate2 : X509Certificate
    {
        public X509Certificate2(byte[] rawData, byte[] key, string password)
            : base(rawData)
        {
        }
    }
}
