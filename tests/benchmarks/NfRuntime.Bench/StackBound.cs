using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Bench;

/// <summary>
/// The deepest stack that code can take, from its disassembly: frames along the deepest path of the call graph. A cycle in
/// the graph, a frame of unknown size or a call to nobody knows whom is an error: then there is no bound.
/// </summary>
/// <remarks>
/// A frame is the sum of all that a function's instructions take off the stack pointer, and a jump out of a function counts as
/// a call: both are at least what is taken. A call through a register, in what a root reaches, may go to every function
/// whose address is among the literals of what the root reaches (or in a table of constants that they point to).
/// </remarks>
internal sealed class StackBound(CodeImage code)
{
    /// <summary>
    /// What the hardware pushes on an exception taken in code that has used the FPU: 8 words and 18 (S0 to S15, FPSCR, one
    /// reserved; Armv7-M ARM B1.5.6), and 4 bytes when it has to align the stack pointer to 8.
    /// </summary>
    public const int ExceptionFrame = ((8 + 18) * 4) + 4;

    // The functions of struct nfr_op_type, in its order: the last three words.
    private const int Check = 0;
    private const int Units = 1;
    private const int Run = 2;

    /// <summary>Of any function.</summary>
    public int Function(string name) => Root(code.PointedTo(code.Symbol(name) | 1) ?? throw new ToolException($"{name} is not a function"));

    /// <summary>Of a function whose calls through registers all go to its caller's own code, which is not counted.</summary>
    public int WithoutCallbacks(string name) => Depth(code.PointedTo(code.Symbol(name) | 1) ?? throw new ToolException($"{name} is not a function"), [], _ => 0);

    /// <summary>Of one operator in a step: its unit arithmetic or its kernel.</summary>
    /// <param name="op">As in firmware/engine/operators.cmake.</param>
    public int Operator(string op) => Math.Max(Root(OperatorFunction(op, Run)), Root(OperatorFunction(op, Units)));

    /// <summary>Streamed chains: an operator by name, which has no functions of its own and runs those of the others.</summary>
    public const string Chain = "chain";

    /// <summary>Of nfr_engine_step with these operators.</summary>
    public int Step(IEnumerable<string> operators) => Engine("nfr_engine_step", "nfr_chain_run", operators, Operator);

    /// <summary>Of nfr_engine_load with these operators.</summary>
    public int Load(IEnumerable<string> operators) =>
        Engine("nfr_engine_load", "nfr_chain_check", operators, op => Math.Max(Root(OperatorFunction(op, Check)), Root(OperatorFunction(op, Units))));

    // A function that calls operators through registers, or a chain, which does so in turn.
    private int Engine(string function, string chain, IEnumerable<string> operators, Func<string, int> depth)
    {
        int deepest = operators.Where(op => op != Chain).Max(depth);
        return Engine(function, operators.Contains(Chain) ? Engine(chain, deepest) : deepest);
    }

    private int Engine(string function, int indirect) => Depth(code.PointedTo(code.Symbol(function) | 1)!, [], _ => indirect);

    private CodeFunction OperatorFunction(string op, int which)
    {
        List<CodeFunction> functions = [.. code.Words(code.Symbol("nfr_op_" + op)).TakeLast(3).Select(code.PointedTo).OfType<CodeFunction>()];
        return functions.Count == 3 ? functions[which] : throw new ToolException($"nfr_op_{op} does not end with three functions");
    }

    private int Root(CodeFunction root)
    {
        List<CodeFunction> candidates = Reached(root, out bool isIndirect);
        if (isIndirect && candidates.Count == 0)
        {
            throw new ToolException($"{root.Name} calls through a register, and no function's address is among the literals of what it reaches");
        }

        return Depth(root, [], path => candidates.Max(c => Depth(c, path, _ => throw new ToolException($"{c.Name} is called through a register and calls so itself: its callees are unknown"))));
    }

    // The functions that a call through a register may reach from the root.
    private List<CodeFunction> Reached(CodeFunction root, out bool isIndirect)
    {
        HashSet<CodeFunction> seen = [root];
        HashSet<CodeFunction> pointed = [];
        Queue<CodeFunction> open = new([root]);
        isIndirect = false;
        while (open.TryDequeue(out CodeFunction? function))
        {
            isIndirect |= function.CallsIndirectly;
            List<CodeFunction> named = [.. function.Literals.SelectMany(l => code.Words(l).Append(l)).Select(code.PointedTo).OfType<CodeFunction>()];
            pointed.UnionWith(named);
            foreach (CodeFunction next in named.Concat(Callees(function)).Where(seen.Add))
            {
                open.Enqueue(next);
            }
        }

        return [.. pointed];
    }

    private IEnumerable<CodeFunction> Callees(CodeFunction function) =>
        function.Targets.Select(code.Around).OfType<CodeFunction>().Where(f => f != function).Distinct();

    private int Depth(CodeFunction function, List<CodeFunction> path, Func<List<CodeFunction>, int> indirect)
    {
        if (path.Contains(function))
        {
            throw new ToolException($"recursion: {string.Join(" -> ", path.Append(function).Select(f => f.Name))}");
        }

        if (function.Unknown.Count > 0)
        {
            throw new ToolException($"the frame of {function.Name} has no known size: {function.Unknown[0]}");
        }

        List<CodeFunction> inside = [.. path, function];
        int deepest = function.CallsIndirectly ? indirect(inside) : 0;
        foreach (CodeFunction callee in Callees(function))
        {
            deepest = Math.Max(deepest, Depth(callee, inside, indirect));
        }

        return function.Frame + deepest;
    }
}
