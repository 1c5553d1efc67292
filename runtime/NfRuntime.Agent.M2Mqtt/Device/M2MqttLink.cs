using System;
using System.Security.Cryptography.X509Certificates;
using nanoFramework.M2Mqtt;
using nanoFramework.M2Mqtt.Messages;

namespace NfRuntime.Agent.M2Mqtt;

/// <summary>A client of nanoFramework.M2Mqtt.</summary>
internal sealed class M2MqttLink : IMqttLink
{
    private readonly M2MqttOptions _options;
    private readonly IMqttLinkSink _sink;
    private readonly MqttClient _client;

    internal M2MqttLink(M2MqttOptions options, IMqttLinkSink sink)
    {
        _options = options;
        _sink = sink;
        _client = new MqttClient(options.Host, options.Port, options.UsesTls, Authority(options), Certificate(options), options.UsesTls ? MqttSslProtocols.TLSv1_2 : MqttSslProtocols.None);
        if (options.MaxPacket > 0)
        {
            _client.ProtocolVersion = MqttProtocolVersion.Version_5;
            _client.MaximumPacketSize = (uint)options.MaxPacket;
        }

        // Settings of all clients of the application.
        _client.Settings.InflightQueueSize = options.InflightMessages;
        _client.Settings.ValidateServerCertificate = true;
        _client.MqttMsgPublishReceived += OnMessage;
        _client.MqttMsgSubscribed += OnSubscribed;
        _client.ConnectionClosed += OnClosed;
    }

    public bool IsConnected
    {
        get { return _client.IsConnected; }
    }

    public int Connect(string willTopic, string will)
    {
        string user = _options.User.Length == 0 ? null! : _options.User;
        string password = _options.User.Length == 0 ? null! : _options.Password;
        return (int)_client.Connect(_options.ClientId, user, password, true, MqttQoSLevel.AtLeastOnce, true, willTopic, will, true, (ushort)_options.KeepAlive);
    }

    public void Disconnect()
    {
        _client.Disconnect();
    }

    public void Close()
    {
        _client.Close();
    }

    public void Publish(string topic, byte[] payload, int qos, bool retain)
    {
        _client.Publish(topic, payload, null!, null!, (MqttQoSLevel)qos, retain);
    }

    public int Subscribe(string topic, int qos)
    {
        return _client.Subscribe(new string[] { topic }, new MqttQoSLevel[] { (MqttQoSLevel)qos });
    }

    public void Unsubscribe(string topic)
    {
        _client.Unsubscribe(new string[] { topic });
    }

    private static X509Certificate Authority(M2MqttOptions options)
    {
        return options.UsesTls && options.Authority.Length > 0 ? new X509Certificate(options.Authority) : null!;
    }

    private static X509Certificate Certificate(M2MqttOptions options)
    {
        return options.UsesTls && options.Certificate.Length > 0 ? new X509Certificate2(options.Certificate, options.Key, options.KeyPassword) : null!;
    }

    private void OnMessage(object sender, MqttMsgPublishEventArgs e)
    {
        _sink.OnMessage(e.Topic, e.Message, (int)e.QosLevel, e.Retain);
    }

    // MQTT 3.1.1 refuses with 128, MQTT 5 with 128 and others above.
    private void OnSubscribed(object sender, MqttMsgSubscribedEventArgs e)
    {
        _sink.OnSubscribed(e.MessageId, e.GrantedQoSLevels.Length > 0 && (int)e.GrantedQoSLevels[0] < (int)MqttQoSLevel.GrantedFailure);
    }

    private void OnClosed(object sender, EventArgs e)
    {
        _sink.OnClosed();
    }
}

/// <summary>Makes clients of nanoFramework.M2Mqtt.</summary>
internal sealed class M2MqttLinkFactory : IMqttLinkFactory
{
    private readonly M2MqttOptions _options;

    internal M2MqttLinkFactory(M2MqttOptions options)
    {
        _options = options;
    }

    public IMqttLink Create(IMqttLinkSink sink)
    {
        return new M2MqttLink(_options, sink);
    }
}
