using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;

namespace NfRuntime.Bench.Transport;

/// <summary>
/// What an update costs on the wire, on a real broker with real agents and the real firmware library: blocks shared by a fleet, distributors that
/// die, lossy links, deltas, layers that are there already. Figures are counted by a client of the broker; nothing is asserted on time.
/// </summary>
/// <param name="root">The checkout.</param>
/// <param name="shared">../shared/models.</param>
/// <param name="devices">How many devices start together.</param>
internal sealed partial class TransportBench(string root, string shared, int devices)
{
    private const string Board = "boards/virtual/board.json";
    private const double Loss = 0.3;
    private readonly List<TransportRow> _rows = [];

    private string Home(string name) => Path.Combine(root, "artifacts", "bench", "transport", name);

    /// <summary>Measures all; a row at a time is handed to <paramref name="measured"/>.</summary>
    public IReadOnlyList<TransportRow> Run(Action<TransportRow> measured)
    {
        void Add(TransportRow row)
        {
            _rows.Add(row);
            measured(row);
        }

        Broadcast(Add);
        Killed(Add);
        Lossy(Add);
        Updates(Add);
        return _rows;
    }

    /// <summary>Goes back from one version to the one before while another capsule is being pulled, and measures how long no inference could start.</summary>
    public SwapRow Swap()
    {
        using var playground = new Playground(root, Home("swap"));
        playground.Capsule("build", Path.Combine(root, "samples", "fashion", "v1"), "-t", "fashion:1");
        playground.Capsule("build", Path.Combine(root, "samples", "fashion", "v2"), "-t", "fashion:2");
        playground.Capsule("build", Projects.Write(Path.Combine(Home("projects"), "heavy"), "heavy", 1, File.ReadAllBytes(Path.Combine(shared, "vww_96_int8.tflite")), 96 * 96 * 3, null, HeavyVectors), "-t", "heavy:1");
        playground.Up(1, 1, "--rate", "100", "--input", Path.Combine(root, "samples", "fashion", "images"));
        Confirm(playground, "fashion:1");
        Confirm(playground, "fashion:2");
        Playground.Until(30, "inferences of fashion:2", () => playground.Inferences("fashion", "2.0.0").Count >= 100);
        string device = Real(playground)[0];
        var to = new JsonArray(device);
        int before = Blackouts(playground, device).Count;
        playground.Post("v1/deployments", new JsonObject { ["image"] = "heavy:1", ["to"] = to.DeepClone() });
        System.Threading.Thread.Sleep(PullBeginsMs);
        playground.Post("v1/capsules/fashion/rollback", new JsonObject { ["to"] = to });
        Playground.Until(60, "fashion:1 answers again", () => Blackouts(playground, device).Count > before);
        string swapped = playground.Logs(device);
        Playground.Until(120, "heavy:1 is all here", () => Here().IsMatch(playground.Logs(device)));
        List<long> taken = playground.Inferences("fashion", "2.0.0");
        taken.Sort();
        return new SwapRow(Blackouts(playground, device)[^1], taken[taken.Count / 2], !Here().IsMatch(swapped));
    }

    private const int HeavyVectors = 64;
    private const int PullBeginsMs = 300;

    [System.Text.RegularExpressions.GeneratedRegex("heavy.*all of it is here")]
    private static partial System.Text.RegularExpressions.Regex Here();

    [System.Text.RegularExpressions.GeneratedRegex(@"version 1\.0\.0 answers; no inference could start for ([0-9]+) ")]
    private static partial System.Text.RegularExpressions.Regex Answers();

    private static List<long> Blackouts(Playground playground, string device) =>
        [.. Answers().Matches(playground.Logs(device)).Select(m => long.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))];

    private string Large() => Projects.Write(
        Path.Combine(Home("projects"), "large"), "large", 1, File.ReadAllBytes(Path.Combine(shared, "vww_96_int8.tflite")), 96 * 96 * 3, null, 1);

    private string Keywords(int version) => Projects.Write(
        Path.Combine(Home("projects"), $"kws-{version}"), "kws", version, Model(version), 490, Path.Combine(shared, "samples", "kws01_1000x490_int8.bin"), 8);

    // 2: the last layer was trained again. 3: the very model of 2, another version.
    private byte[] Model(int version)
    {
        byte[] model = File.ReadAllBytes(Path.Combine(shared, "kws_ref_model.tflite"));
        return version == 1 ? model : RetrainedModel.Of(model, "kws").File;
    }

    private void Broadcast(Action<TransportRow> add)
    {
        using var playground = new Playground(root, Home("broadcast"));
        playground.Capsule("build", Large(), "-t", "large:1");
        playground.Up(devices, 1);
        using var witness = new Witness(playground, Home("broadcast-witness"));
        long blobs = Deploy(playground, "large:1");
        add(new TransportRow($"{devices} devices, one distributor", blobs, witness.Bytes(), 1.3, null));
    }

    private void Killed(Action<TransportRow> add)
    {
        using var playground = new Playground(root, Home("killed"));
        playground.Capsule("build", Large(), "-t", "large:1");
        playground.Up(devices, 3);
        using var witness = new Witness(playground, Home("killed-witness"));
        long half = new FileInfo(Path.Combine(shared, "vww_96_int8.tflite")).Length / 3;
        string victim = string.Empty;
        var killer = new System.Threading.Thread(() =>
        {
            Playground.Until(120, "a third of the blob", () => witness.BytesNow > half);
            victim = playground.KillServing();
        });
        killer.Start();
        long blobs = Deploy(playground, "large:1");
        killer.Join();
        add(new TransportRow($"{devices} devices, three distributors, {victim} killed in mid-stream", blobs, witness.Bytes(), 1.3, null));
    }

    private void Lossy(Action<TransportRow> add)
    {
        using var playground = new Playground(root, Home("lossy"));
        playground.Capsule("build", Large(), "-t", "large:1");
        playground.Up(1, 1);
        using var witness = new Witness(playground, Home("lossy-witness"));
        string[] names = playground.Join("lossy", devices, Path.Combine(root, Board), "--drop", Loss.ToString(CultureInfo.InvariantCulture));
        long blobs = Deploy(playground, "large:1", names);
        add(new TransportRow($"{devices} devices that lose 30 % of the blocks, all complete", blobs, witness.Bytes(), null, 2.0));
    }

    private void Updates(Action<TransportRow> add)
    {
        using var playground = new Playground(root, Home("updates"));
        foreach (int version in new[] { 1, 2, 3 })
        {
            playground.Capsule("build", Keywords(version), "-t", $"kws:{version}");
        }

        playground.Up(1, 1);
        using var witness = new Witness(playground, Home("updates-witness"));
        long before = witness.Bytes();
        long Cost(Action update)
        {
            update();
            long now = witness.Bytes();
            long cost = now - before;
            before = now;
            return cost;
        }

        long whole = Cost(() => Confirm(playground, "kws:1"));
        add(new TransportRow("kws, the first time", Size(playground, Real(playground)[0]), whole, null, null));
        add(new TransportRow("kws, last layer trained again", whole, Cost(() => Confirm(playground, "kws:2")), 0.10, 0.05));
        long other = Cost(() => Confirm(playground, "kws:3"));
        add(new TransportRow("kws, same layers in another version (its manifest)", whole, other, null, null));
        add(new TransportRow("roll back", whole, Cost(() => playground.Capsule(["rollback", "kws", "--to", .. Real(playground)])), 0, null));
    }

    // Ends when every device has the capsule on trial; what it has stored is the blobs' size.
    private static long Deploy(Playground playground, string image, params string[] names)
    {
        string[] to = names.Length == 0 ? Real(playground) : names;
        playground.Capsule(["deploy", image, "--to", .. to, "--timeout", "900"]);
        return Size(playground, to[0]);
    }

    // All but the witness, which is enrolled and no device.
    private static string[] Real(Playground playground) => [.. playground.Devices().Where(d => (bool)d["online"]!).Select(d => (string)d["device"]!)];

    private static void Confirm(Playground playground, string image)
    {
        Deploy(playground, image);
        playground.Capsule(["confirm", image.Split(':')[0], "--to", .. Real(playground)]);
    }

    private static long Size(Playground playground, string name)
    {
        JsonNode device = playground.Devices().First(d => (string)d["device"]! == name);
        return device["received"] is { } received ? (long)received["bytes"]! : throw new ToolException("a device reports nothing received");
    }
}

/// <summary>One figure: bytes published for an update, against the bytes that it is compared with.</summary>
/// <param name="What">The scene.</param>
/// <param name="Reference">Bytes of the capsule's blobs.</param>
/// <param name="Published">Payload bytes on blob topics.</param>
/// <param name="Bar">Highest ratio that is accepted; null: none.</param>
/// <param name="Goal">Ratio that is hoped for; null: none.</param>
internal sealed record TransportRow(string What, long Reference, long Published, double? Bar, double? Goal)
{
    public double Ratio => Reference == 0 ? 0 : (double)Published / Reference;

    public bool IsMissed => Ratio > Bar;

    public override string ToString()
    {
        string bar = Bar is { } b ? $"bar {b.ToString("0.##", CultureInfo.InvariantCulture)}{(IsMissed ? " MISSED" : string.Empty)}" : string.Empty;
        string goal = Goal is { } g ? $"goal {g.ToString("0.##", CultureInfo.InvariantCulture)}{(Ratio > g ? " missed" : string.Empty)}" : string.Empty;
        return string.Create(CultureInfo.InvariantCulture, $" {What,-66} {Reference,9:N0} B {Published,11:N0} B {Ratio,7:0.000} x  {bar}{(bar.Length > 0 && goal.Length > 0 ? ", " : string.Empty)}{goal}");
    }
}

/// <summary>A swap of two versions while another capsule was pulled.</summary>
/// <param name="BlackoutUs">From the end of the last inference of the one until one of the other could start.</param>
/// <param name="InferenceUs">Median of an inference of the one that served, from sample to answer.</param>
/// <param name="WasPulling">Whether the pull was still going on when it happened.</param>
internal sealed record SwapRow(long BlackoutUs, long InferenceUs, bool WasPulling)
{
    /// <summary>One inference and 5 ms.</summary>
    public bool IsMissed => !WasPulling || BlackoutUs > InferenceUs + 5000;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $" swap (back to the version before), {(WasPulling ? "a pull running" : "THE PULL HAD ENDED")}: no inference could start for {BlackoutUs / 1000.0:0.00} ms = {(double)BlackoutUs / InferenceUs:0.00} of an inference ({InferenceUs / 1000.0:0.00} ms); bar 1 inference + 5 ms{(IsMissed ? " MISSED" : string.Empty)}");
}
