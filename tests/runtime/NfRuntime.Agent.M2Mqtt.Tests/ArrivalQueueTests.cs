using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace NfRuntime.Agent.M2Mqtt.Tests;

public class ArrivalQueueTests
{
    /// <summary>Against a list that does the same without a ring: numbers below 100 add a block of that size, below 200 a document of 100 less, others take.</summary>
    [Fact]
    public void It_does_what_a_list_would_do()
    {
        Prop.ForAll(Gen.Choose(0, 260).ListOf().ToArbitrary(), steps => Agree([.. steps])).QuickCheckThrowOnFailure();
    }

    private static bool Agree(int[] steps)
    {
        const int Messages = 5, Bytes = 150;
        var queue = new ArrivalQueue(Messages, Bytes);
        List<(string Topic, int Size, bool IsBlock)> model = [];
        int dropped = 0;
        for (int i = 0; i < steps.Length; i++)
        {
            if (steps[i] >= 200)
            {
                bool hasOne = queue.Take(out string topic, out byte[] payload, out _);
                if (hasOne != model.Count > 0 || (hasOne && (topic, payload.Length) != (model[0].Topic, model[0].Size)))
                {
                    return false;
                }

                model.RemoveRange(0, hasOne ? 1 : 0);
                continue;
            }

            bool isBlock = steps[i] < 100;
            int size = (steps[i] % 100) + 1;
            queue.Add(i.ToString(), new byte[size], false, isBlock);
            model.Add((i.ToString(), size, isBlock));
            while (model.Count > Messages || model.Sum(m => m.Size) > Bytes)
            {
                int block = model.FindIndex(0, model.Count - 1, m => m.IsBlock);
                int victim = block >= 0 ? block : isBlock ? model.Count - 1 : 0;
                model.RemoveAt(victim);
                dropped++;
            }
        }

        return queue.Count == model.Count && queue.Dropped == dropped;
    }
}
