using System;
using System.Linq;
using NfRuntime.Native;
using NfRuntime.Simulation.Capsules;
using NfRuntime.Simulation.World;

namespace NfRuntime.Simulation.Histories;

/// <summary>What can happen to a fleet: deployments, of bad capsules too, and everything that goes wrong.</summary>
internal sealed class Accidents(SimulatedFleet fleet, Shop shop, Random random, Action<string> tell)
{
    private uint _keyVersion = 1;

    /// <summary>One of them.</summary>
    public void Happen()
    {
        SimulatedDevice device = fleet.Devices[random.Next(fleet.Devices.Count)];
        switch (random.Next(16))
        {
            case 0 or 1 or 2 or 3 or 4:
                Deploy();
                break;
            case 5:
                Deploy(); // two race
                Deploy();
                break;
            case 6:
                Remove(device);
                break;
            case 7:
                Reset(device);
                break;
            case 8 or 9:
                CutPower(device);
                break;
            case 10:
                Part(random.Next(3) switch { 0 when device.IsOn => device.Transport, 1 => fleet.Controller, _ => fleet.Distributors[0] });
                break;
            case 11:
                KillBroker();
                break;
            case 12:
                Kill(fleet.Distributors[random.Next(fleet.Distributors.Count)]);
                break;
            case 13:
                KillController();
                break;
            case 14:
                Replay(device);
                break;
            default:
                Jump(device);
                break;
        }
    }

    private void Deploy()
    {
        string name = Shop.Names[random.Next(2)];
        TinyCapsule capsule = shop.Any(name, random);
        bool isShadow = capsule.Flaw != Flaw.Crashes && random.Next(4) == 0;
        int confirm = capsule.Flaw == Flaw.Crashes ? 1 : random.Next(6) switch { 0 => 0, 1 => 2, _ => 1 };
        Wish wish = new(capsule, isShadow ? 1 : 0, confirm, random.Next(4) == 0 ? 1u : 0, isShadow ? Wish.ShadowRules(capsule) : Wish.QuickRules);
        bool isForAll = random.Next(2) == 0;
        SimulatedDevice one = fleet.Devices[random.Next(fleet.Devices.Count)];
        foreach (SimulatedDevice device in fleet.Devices.Where(d => isForAll || d == one))
        {
            tell($"{device.Name} is to have {name} {capsule.Version} ({capsule.Flaw}), mode {wish.Mode}, confirm {confirm}, retry {wish.Retry}, {wish.Rules.Count} rules");
            fleet.Controller.Want(device.Name, name, wish);
        }
    }

    private void Remove(SimulatedDevice device)
    {
        if (fleet.Controller.Wishes(device.Name).Count > 0)
        {
            string name = fleet.Controller.Wishes(device.Name).Keys.First();
            tell($"{device.Name} is not to have {name} any more");
            fleet.Controller.Want(device.Name, name, null);
        }
    }

    private void Reset(SimulatedDevice device)
    {
        int cause = random.Next(8);
        tell($"{device.Name} is reset, cause {cause}");
        device.Reset(cause);
    }

    private void CutPower(SimulatedDevice device)
    {
        int operation = 1 + random.Next(60);
        FlashCut kind = (FlashCut)(1 + random.Next(3));
        tell($"{device.Name} loses its power at flash operation {operation} from now ({kind})");
        device.CutPower(operation, kind);
    }

    private void Part(BrokerClient client)
    {
        int milliseconds = random.Next(60_000);
        tell($"a {client.GetType().Name} is cut off for {milliseconds} ms");
        fleet.Broker.Partition(client);
        fleet.Time.After(milliseconds, () => fleet.Broker.Heal(client));
    }

    private void KillBroker()
    {
        tell("the broker dies: what was retained is lost");
        fleet.Broker.Die();
        fleet.Time.After(random.Next(20_000), fleet.Broker.Rise);
    }

    private void Kill(DistributorService distributor)
    {
        tell(distributor.Name + " dies");
        distributor.Die();
        fleet.Time.After(random.Next(30_000), distributor.Rise);
    }

    private void KillController()
    {
        tell("the controller dies");
        fleet.Controller.Die();
        fleet.Time.After(random.Next(30_000), fleet.Controller.Rise);
    }

    // What somebody recorded earlier comes again, or the keys change.
    private void Replay(SimulatedDevice device)
    {
        if (fleet.Controller.Earlier(device.Name) is { } earlier && random.Next(2) == 0)
        {
            tell($"{device.Name} gets the document before its newest one");
            fleet.Broker.Inject($"nfr/{SimulatedFleet.Tenant}/d/{device.Name}/desired", earlier);
        }
        else if (random.Next(2) == 0)
        {
            tell($"key list {_keyVersion + 1} is published");
            fleet.Controller.Keys = shop.Publisher.KeyList(++_keyVersion);
        }
        else
        {
            tell("key list 1 comes again");
            fleet.Broker.Inject($"nfr/{SimulatedFleet.Tenant}/keys", shop.Publisher.KeyList(1));
        }
    }

    private void Jump(SimulatedDevice device)
    {
        if (device.IsOn)
        {
            long clock = random.Next(3) == 0 ? 0 : 1_700_000_000 + random.NextInt64(200_000_000);
            tell($"{device.Name}'s clock says {clock}");
            device.SetClock(clock);
        }
    }
}
