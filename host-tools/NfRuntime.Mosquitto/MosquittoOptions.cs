using System;

namespace NfRuntime.Mosquitto;

/// <summary>How a client connects. Checked when the client is made.</summary>
public sealed record MosquittoOptions
{
    /// <summary>Name or address of the broker; with TLS it must stand in the broker's certificate.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port, 1–65535.</summary>
    public required int Port { get; init; }

    /// <summary>Client id, 1–65535 bytes of UTF-8. Two connections with one id cannot live together: the broker ends the older.</summary>
    public required string ClientId { get; init; }

    /// <summary>False: the broker keeps subscriptions and messages of QoS 1 and 2 while the client is away.</summary>
    public bool CleanSession { get; init; } = true;

    /// <summary>User name, or null. With a client certificate a broker may take its name from there instead.</summary>
    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>TLS 1.2 or newer; null means no TLS, which belongs on loopback only.</summary>
    public MosquittoTls? Tls { get; init; }

    /// <summary>What the broker publishes when the connection is lost without a DISCONNECT.</summary>
    public MosquittoWill? Will { get; init; }

    /// <summary>Seconds without traffic after which a ping is sent, 5–65535.</summary>
    public int KeepaliveSeconds { get; init; } = 60;

    /// <summary>Longest time from the start of a connection to the broker's CONNACK; a slower one is given up by <see cref="MosquittoClient.LoopMisc"/>.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>MQTT 5 (true) tells why a publish or a subscription was refused; 3.1.1 keeps silent.</summary>
    public bool Mqtt5 { get; init; } = true;
}

/// <summary>Files in PEM. The broker's chain and its host name are always verified.</summary>
/// <param name="CaFile">Certificates that the broker's chain must end in.</param>
/// <param name="CertificateFile">The client's certificate, or null.</param>
/// <param name="KeyFile">Its private key, unencrypted; null exactly when <paramref name="CertificateFile"/> is.</param>
public sealed record MosquittoTls(string CaFile, string? CertificateFile = null, string? KeyFile = null);

/// <summary>A last will.</summary>
/// <param name="Topic">A topic without wildcards.</param>
/// <param name="Payload">May be empty.</param>
/// <param name="Qos">0–2.</param>
/// <param name="Retain">Whether the broker retains it.</param>
public sealed record MosquittoWill(string Topic, ReadOnlyMemory<byte> Payload, int Qos, bool Retain);
