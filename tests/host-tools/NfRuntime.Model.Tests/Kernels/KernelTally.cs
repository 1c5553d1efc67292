using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Plan;
using Xunit;

namespace NfRuntime.Model.Tests.Kernels;

/// <summary>What generated operators were: kinds and layouts, placements, multipliers.</summary>
internal sealed class KernelTally
{
    private readonly SortedDictionary<string, int> _kinds = [];
    private int _inPlace;
    private int _overlapping;
    private int _varied;
    private long _bytes;

    /// <summary>How many there were.</summary>
    public int Operators { get; private set; }

    public void Add(KernelCase one)
    {
        PlanImage plan = PlanReader.Read(one.Plan.Blob.Span);
        foreach (PlanOperator op in plan.Operators)
        {
            string name = $"{op.Kind} {plan.Tensors[op.Inputs[0]].Type}{(op.Layout == WeightLayout.Plain ? string.Empty : $" {op.Layout}")}";
            _kinds[name] = _kinds.GetValueOrDefault(name) + 1;
        }

        Operators++;
        _inPlace += one.Plan.Report.InPlaceOperators;
        _overlapping += one.Plan.Report.OverlappingOperators;
        _varied += one.Expected.Sum(bytes => bytes.Length) < 32 || one.Expected[0].Distinct().Count() > 4 ? 1 : 0;
        _bytes += one.Expected.Sum(bytes => (long)bytes.Length);
    }

    /// <summary>A generator that makes only easy operators tests nothing.</summary>
    public void RequireVariety(int operators)
    {
        if (operators >= 1000)
        {
            Assert.True(Operators > operators * 0.98, ToString());
            Assert.True(_varied > operators / 2, ToString());
            Assert.True(_inPlace > operators / 20 && _overlapping > operators / 20, ToString());
            Assert.True(_kinds.Count(kind => kind.Key.EndsWith(nameof(WeightLayout.Smlad), System.StringComparison.Ordinal)) >= 2, ToString());
        }
    }

    public override string ToString() =>
        $"{Operators} operators bit-exact, {_bytes} bytes compared, {_varied} with outputs that are not mostly clamped, {_inPlace} in place, {_overlapping} over their input: {string.Join(", ", _kinds.Select(kind => $"{kind.Key} {kind.Value}"))}";
}
