using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using NfRuntime.Simulation.Capsules;
using NfRuntime.Simulation.Histories;
using NfRuntime.Simulation.World;

int? Option(string name)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length && int.TryParse(args[at + 1], CultureInfo.InvariantCulture, out int value) ? value : null;
}

string Word(string name)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : nameof(Sabotage.None);
}

int? days = Option("--days");
int? histories = Option("--histories");
int? seed = Option("--seed");
if ((days is null && histories is null && seed is null) || !Enum.TryParse(Word("--sabotage"), out Sabotage sabotage))
{
    Console.Error.WriteLine("usage: tests/simulate --histories N [--first S]    N seeded histories; failing seeds are printed");
    Console.Error.WriteLine("                      [--real-distributors]         those of host-tools/NfRuntime.Fleet instead of their models");
    Console.Error.WriteLine("                      [--sabotage FAULT]            with a fault put in: what notices it? (" + string.Join(", ", Enum.GetNames<Sabotage>()) + ")");
    Console.Error.WriteLine("       tests/simulate --seed S                     one of them again, event by event");
    Console.Error.WriteLine("       tests/simulate --days D [--devices M]       a fleet's days on virtual time (100 devices)");
    return 2;
}

bool isReal = args.Contains("--real-distributors");
Shop shop = new(new Publisher());
if (days is not null)
{
    return Week.Run(shop, days.Value, Option("--devices") ?? 100);
}

if (seed is not null)
{
    using History one = new(shop, seed.Value, Console.WriteLine, sabotage, isReal);
    IReadOnlyList<string> problems = one.Run();
    Console.WriteLine(string.Join("\n", one.Outcomes.Concat(problems)));
    return problems.Count == 0 ? 0 : 1;
}

return Many.Run(shop, Option("--first") ?? 1, histories!.Value, Option("--threads") ?? 2, sabotage, isReal);
