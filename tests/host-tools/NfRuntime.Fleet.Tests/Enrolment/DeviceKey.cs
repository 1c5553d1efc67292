using System;
using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NfRuntime.Fleet.Enrolment;
using NfRuntime.Mosquitto;

namespace NfRuntime.Fleet.Tests.Enrolment;

/// <summary>What a device does for its enrolment: makes a key, signs a request, keeps the answer.</summary>
internal sealed class DeviceKey : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public byte[] Request(Action<CertificateRequest>? change = null, string subject = "CN=anything")
    {
        var request = new CertificateRequest(subject, _key, HashAlgorithmName.SHA256);
        change?.Invoke(request);
        return request.CreateSigningRequest();
    }

    public MosquittoTls Save(string folder, EnrolledDevice enrolled)
    {
        string name = Path.Combine(folder, enrolled.Serial);
        File.WriteAllText(name + ".ca", enrolled.Ca);
        File.WriteAllText(name + ".crt", enrolled.Certificate);
        File.WriteAllText(name + ".key", _key.ExportPkcs8PrivateKeyPem());
        return new MosquittoTls(name + ".ca", name + ".crt", name + ".key");
    }

    public void Dispose() => _key.Dispose();
}
