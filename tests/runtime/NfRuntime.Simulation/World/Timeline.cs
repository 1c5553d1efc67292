using System;
using System.Collections.Generic;

namespace NfRuntime.Simulation.World;

/// <summary>Virtual time: what is to happen, in the order in which it does. Milliseconds.</summary>
internal sealed class Timeline
{
    private readonly PriorityQueue<Action, (long Time, long Order)> _queue = new();
    private long _order;

    public long Now { get; private set; }

    public long Events { get; private set; }

    /// <summary>Has something happen later; at the same time what was said first comes first.</summary>
    public void After(long milliseconds, Action action) => _queue.Enqueue(action, (Now + Math.Max(0, milliseconds), _order++));

    /// <summary>Runs until nothing is left, or the time has come.</summary>
    public void RunUntil(long time)
    {
        while (_queue.TryPeek(out _, out (long Time, long Order) next) && next.Time <= time)
        {
            Action action = _queue.Dequeue();
            Now = next.Time;
            Events++;
            action();
        }

        Now = Math.Max(Now, time);
    }
}
