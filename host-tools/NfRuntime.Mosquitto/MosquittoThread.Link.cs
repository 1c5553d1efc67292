using System;
using System.Collections.Generic;

namespace NfRuntime.Mosquitto;

public sealed partial class MosquittoThread
{
    // The client's side of it; everything here runs on the client's thread.
    private sealed class Link : IMosquittoHandler
    {
        private readonly MosquittoThread owner;
        private readonly IMosquittoHandler handler;
        private readonly Dictionary<int, Outgoing> inFlight = [];
        private readonly Dictionary<int, int> early = [];
        private volatile bool up;
        private bool publishing;
        private bool lost;
        private int attempts;
        private long upSince;

        public Link(MosquittoThread owner, MosquittoOptions connection, IMosquittoHandler handler)
        {
            this.owner = owner;
            this.handler = handler;
            Client = new MosquittoClient(connection, this);
        }

        public MosquittoClient Client { get; }

        public bool Up => up;

        public bool Open => Client.Socket >= 0;

        public int InFlight => inFlight.Count;

        public void Connect()
        {
            try
            {
                Client.Connect();
            }
            catch (MosquittoException e)
            {
                owner.options.Trouble?.Invoke(e.Message);
            }
        }

        /// <summary>The next pause in ms, and one attempt more.</summary>
        public long Pause()
        {
            double limit = Math.Min(owner.options.FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(attempts++, 30)), owner.options.LongestPause.TotalMilliseconds);
            return (long)(Random.Shared.NextDouble() * limit);
        }

        public bool TakeLost() => lost && !(lost = false);

        public void Publish(Outgoing message)
        {
            try
            {
                publishing = true;
                int mid = Client.Publish(message.Topic, message.Payload.Span, message.Qos, message.Retain);
                publishing = false;
                if (early.Remove(mid, out int reason))
                {
                    Complete(message, reason);
                    return;
                }

                if (inFlight.Remove(mid, out Outgoing? older))
                {
                    Fail(older, new InvalidOperationException("65,535 messages were sent before this one was acknowledged"));
                }

                inFlight[mid] = message;
            }
            catch (Exception e) when (e is MosquittoException or ArgumentException)
            {
                Fail(message, e);
            }
            finally
            {
                publishing = false;
                early.Clear();
            }
        }

        public void GiveUp()
        {
            foreach (Outgoing message in inFlight.Values)
            {
                message.Done.TrySetCanceled();
            }
        }

        public void Connected(int reasonCode, bool sessionPresent)
        {
            if (reasonCode == 0)
            {
                up = true;
                upSince = Environment.TickCount64;
                owner.wishes.Clear();
                foreach ((string filter, int qos) in owner.filters)
                {
                    Client.Subscribe(filter, qos);
                }
            }
            else
            {
                owner.options.Trouble?.Invoke($"the broker refused {Client.Options.ClientId}: {reasonCode}");
            }

            handler.Connected(reasonCode, sessionPresent);
        }

        public void Disconnected(int rc)
        {
            lost = true;
            attempts = up && Environment.TickCount64 - upSince >= owner.options.Settled.TotalMilliseconds ? 0 : attempts;
            up = false;
            DropQos0();
            if (rc != 0)
            {
                owner.options.Trouble?.Invoke($"{Client.Options.ClientId} lost its connection: {(rc < 128 ? MosquittoException.Describe(rc) : MosquittoException.DescribeReason(rc))} {Client.LastError}");
            }

            handler.Disconnected(rc);
        }

        public void Message(string topic, ReadOnlySpan<byte> payload, int qos, bool retain) => handler.Message(topic, payload, qos, retain);

        public void Published(int mid, int reasonCode)
        {
            if (inFlight.Remove(mid, out Outgoing? message))
            {
                Complete(message, reasonCode);
            }
            else if (publishing)
            {
                early[mid] = reasonCode; // written before Publish returned
            }

            handler.Published(mid, reasonCode);
        }

        public void Subscribed(int mid, ReadOnlySpan<int> granted) => handler.Subscribed(mid, granted);

        // The library sends QoS 1 and 2 again; what of QoS 0 was half written is gone.
        private void DropQos0()
        {
            List<int> gone = [];
            foreach ((int mid, Outgoing message) in inFlight)
            {
                if (message.Qos == 0)
                {
                    gone.Add(mid);
                }
            }

            foreach (int mid in gone)
            {
                inFlight.Remove(mid, out Outgoing? message);
                Fail(message!, new MosquittoException("publish", Native.Libmosquitto.ConnectionLost));
            }
        }

        private void Complete(Outgoing message, int reasonCode)
        {
            owner.room.Release();
            message.Done.TrySetResult(reasonCode);
        }

        private void Fail(Outgoing message, Exception reason)
        {
            owner.room.Release();
            message.Done.TrySetException(reason);
            _ = message.Done.Task.Exception; // nobody waits after TryPublish
        }
    }
}
