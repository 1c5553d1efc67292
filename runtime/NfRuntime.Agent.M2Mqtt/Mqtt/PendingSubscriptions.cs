namespace NfRuntime.Agent.M2Mqtt;

/// <summary>Subscriptions that the broker has not answered to: M2Mqtt loses one without a word when its queue is full, and gives one up after 3 s.</summary>
internal sealed class PendingSubscriptions
{
    private const int Capacity = 8; // the agent has three at most: keys, desired, one blob

    private readonly int[] _numbers = new int[Capacity];
    private readonly long[] _deadlines = new long[Capacity];
    private int _count;

    internal bool HasRoom
    {
        get { return _count < Capacity; }
    }

    internal void Add(int number, long deadline)
    {
        _numbers[_count] = number;
        _deadlines[_count] = deadline;
        _count++;
    }

    internal void Remove(int number)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_numbers[i] == number)
            {
                _count--;
                _numbers[i] = _numbers[_count];
                _deadlines[i] = _deadlines[_count];
                return;
            }
        }
    }

    internal bool IsOverdue(long now)
    {
        for (int i = 0; i < _count; i++)
        {
            if (now >= _deadlines[i])
            {
                return true;
            }
        }

        return false;
    }

    internal void Clear()
    {
        _count = 0;
    }
}
