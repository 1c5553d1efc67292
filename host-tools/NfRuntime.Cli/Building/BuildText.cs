using System.Collections.Generic;
using NfRuntime.Cli.Models;
using NfRuntime.Cli.Output;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Building;

/// <summary>A build as it goes, a line a step.</summary>
internal sealed class BuildText(ToolConsole console) : IBuildObserver
{
    public void Imported(string model, int operators, long macs) =>
        console.Step("import", $"{model,-25} {Figures.Plural(operators, "operator")}   {Figures.Plural(macs, "MAC")}");

    public void Compiled(IReadOnlyList<(string Target, CompiledPlan Plan)> plans)
    {
        string step = "compile";
        foreach ((string target, CompiledPlan plan) in plans)
        {
            console.Step(step, $"{target,-25} {CompileText.Costs(plan.Report)}");
            step = string.Empty;
        }
    }

    public void Proved(int vectors, string inputs) =>
        console.Step("vectors", $"{Figures.Count(vectors) + " from " + inputs,-25} {console.Good("every target bit-exact with the reference, in every operator")}");

    public void Gated(ManagedCode code) =>
        console.Step("gate", $"{code.Type,-25} {Figures.Plural(code.References, "reference")}, {console.Good("all allowed")}");

    public void Signed(string keyId, uint counter) =>
        console.Step("sign", $"{"key " + keyId,-25} counter {counter}");
}
