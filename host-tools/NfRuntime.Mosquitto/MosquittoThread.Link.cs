using System;
using System.Collections.Generic;

namespace NfRuntime.Mosquitto;

public sealed partial class MosquittoThread
{
    // The client's side of it; everything here runs on the client's thread.
    private sealed class Link : IMosquittoHandler
    {
        private readonly MosquittoThread _owner;
        private readonly IMosquittoHandler _handler;
        private readonly Dictionary<int, Outgoing> _inFlight = [];
        private readonly Dictionary<int, int> _early = [];
        private volatile bool _up;
        private bool _publishing;
        private bool _lost;
        private int _attempts;
        private long _upSince;

        public Link(MosquittoThread owner, MosquittoOptions connection, IMosquittoHandler handler)
        {
            _owner = owner;
            _handler = handler;
            Client = new MosquittoClient(connection, this);
        }

        public MosquittoClient Client { get; }

        public bool Up => _up;

        public bool Open => Client.Socket >= 0;

        public int InFlight => _inFlight.Count;

        public void Connect()
        {
            try
            {
                Client.Connect();
            }
            catch (MosquittoException e)
            {
                _owner._options.Trouble?.Invoke(e.Message);
            }
        }

        /// <summary>The next pause in ms, and one attempt more.</summary>
        public long Pause()
        {
            double limit = Math.Min(_owner._options.FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(_attempts++, 30)), _owner._options.LongestPause.TotalMilliseconds);
            return (long)(Random.Shared.NextDouble() * limit);
        }

        public bool TakeLost() => _lost && !(_lost = false);

        public void Publish(Outgoing message)
        {
            try
            {
                _publishing = true;
                int mid = Client.Publish(message.Topic, message.Payload.Span, message.Qos, message.Retain);
                _publishing = false;
                if (_early.Remove(mid, out int reason))
                {
                    Complete(message, reason);
                    return;
                }

                if (_inFlight.Remove(mid, out Outgoing? older))
                {
                    Fail(older, new InvalidOperationException("65,535 messages were sent before this one was acknowledged"));
                }

                _inFlight[mid] = message;
            }
            catch (Exception e) when (e is MosquittoException or ArgumentException)
            {
                Fail(message, e);
            }
            finally
            {
                _publishing = false;
                _early.Clear();
            }
        }

        public void GiveUp()
        {
            foreach (Outgoing message in _inFlight.Values)
            {
                message.Done.TrySetCanceled();
            }
        }

        public void Connected(int reasonCode, bool sessionPresent)
        {
            if (reasonCode == 0)
            {
                _up = true;
                _upSince = Environment.TickCount64;
                _owner._wishes.Clear();
                foreach ((string filter, int qos) in _owner._filters)
                {
                    Client.Subscribe(filter, qos);
                }
            }
            else
            {
                _owner._options.Trouble?.Invoke($"the broker refused {Client.Options.ClientId}: {reasonCode}");
            }

            _handler.Connected(reasonCode, sessionPresent);
        }

        public void Disconnected(int rc)
        {
            _lost = true;
            _attempts = _up && Environment.TickCount64 - _upSince >= _owner._options.Settled.TotalMilliseconds ? 0 : _attempts;
            _up = false;
            DropQos0();
            if (rc != 0)
            {
                _owner._options.Trouble?.Invoke($"{Client.Options.ClientId} lost its connection: {(rc < 128 ? MosquittoException.Describe(rc) : MosquittoException.DescribeReason(rc))} {Client.LastError}");
            }

            _handler.Disconnected(rc);
        }

        public void Message(string topic, ReadOnlySpan<byte> payload, int qos, bool retain) => _handler.Message(topic, payload, qos, retain);

        public void Published(int mid, int reasonCode)
        {
            if (_inFlight.Remove(mid, out Outgoing? message))
            {
                Complete(message, reasonCode);
            }
            else if (_publishing)
            {
                _early[mid] = reasonCode; // written before Publish returned
            }

            // Of QoS 0 this is told from inside Publish, which a handler's exception must not leave half done: the message was sent.
            _owner.Guarded(() => _handler.Published(mid, reasonCode));
        }

        public void Subscribed(int mid, ReadOnlySpan<int> granted) => _handler.Subscribed(mid, granted);

        // The library sends QoS 1 and 2 again; what of QoS 0 was half written is gone.
        private void DropQos0()
        {
            List<int> gone = [];
            foreach ((int mid, Outgoing message) in _inFlight)
            {
                if (message.Qos == 0)
                {
                    gone.Add(mid);
                }
            }

            foreach (int mid in gone)
            {
                _inFlight.Remove(mid, out Outgoing? message);
                Fail(message!, new MosquittoException("publish", Native.Libmosquitto.ConnectionLost));
            }
        }

        private void Complete(Outgoing message, int reasonCode)
        {
            _owner._room.Release();
            message.Done.TrySetResult(reasonCode);
        }

        private void Fail(Outgoing message, Exception reason)
        {
            _owner._room.Release();
            message.Done.TrySetException(reason);
            _ = message.Done.Task.Exception; // nobody waits after TryPublish
        }
    }
}
