using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace NfRuntime.Bench;

/// <summary>A function of a linked Arm program, as its disassembly shows it.</summary>
/// <param name="Address">Of its first instruction.</param>
/// <param name="Name">Not unique: static functions share names.</param>
internal sealed record CodeFunction(uint Address, string Name)
{
    /// <summary>Sum of all that its instructions take off the stack pointer: at least its frame.</summary>
    public int Frame { get; set; }

    /// <summary>Instructions that move the stack pointer by what only running tells.</summary>
    public List<string> Unknown { get; } = [];

    /// <summary>Targets of calls and of jumps out of the function.</summary>
    public HashSet<uint> Targets { get; } = [];

    /// <summary>Whether it calls through a register.</summary>
    public bool CallsIndirectly { get; set; }

    /// <summary>Numbers that it may use as addresses: its literals.</summary>
    public HashSet<uint> Literals { get; } = [];

    /// <summary>Instructions that take (above 0) or give back stack, bytes, and branches within the function; in order.</summary>
    public List<(uint At, int Taken, uint? Target)> Flow { get; } = [];
}

/// <summary>Functions and constants of a linked Arm program (objdump, nm, objcopy).</summary>
internal sealed partial class CodeImage
{
    private readonly SortedList<uint, CodeFunction> _functions = [];
    private readonly Dictionary<uint, uint> _objects = [];
    private readonly Dictionary<string, uint> _symbols = [];
    private readonly byte[] _memory;
    private readonly uint _base;

    public CodeImage(string elf)
    {
        string folder = Path.GetDirectoryName(elf)!;
        // Num: Value Size Type Bind Vis Ndx Name
        foreach (string[] words in Tools.Run(folder, "arm-none-eabi-readelf", "-sW", elf).Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length == 8 && w[3] is "FUNC" or "OBJECT"))
        {
            uint address = Hex(words[1]);
            if (words[3] == "FUNC")
            {
                _functions.TryAdd(address & ~1u, new(address & ~1u, words[7]));
            }
            else
            {
                _objects[address] = words[2].StartsWith("0x", StringComparison.Ordinal) ? Hex(words[2][2..]) : uint.Parse(words[2], CultureInfo.InvariantCulture);
            }

            _symbols.TryAdd(words[7], address);
        }

        CodeFunction? current = null;
        foreach (string line in Tools.Run(folder, "arm-none-eabi-objdump", "-d", "--no-show-raw-insn", "-j", ".text", elf).Split('\n'))
        {
            current = Read(line, current);
        }

        foreach (CodeFunction function in _functions.Values)
        {
            FindLoops(function);
        }

        string binary = Path.Combine(folder, "text.bin");
        Tools.Run(folder, "arm-none-eabi-objcopy", "-O", "binary", "-j", ".text", elf, binary);
        _memory = File.ReadAllBytes(binary);
        _base = Hex(Tools.Run(folder, "arm-none-eabi-objdump", "-h", elf).Split('\n').First(l => l.Contains(" .text ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[3]);
    }

    /// <summary>The function at or around an address; bit 0 (Thumb) does not matter.</summary>
    public CodeFunction? Around(uint address)
    {
        int low = 0, high = _functions.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = _functions.Keys[middle] <= (address & ~1u) ? (middle, high) : (low, middle - 1);
        }

        return _functions.Count > 0 && _functions.Keys[low] <= (address & ~1u) ? _functions.Values[low] : null;
    }

    /// <summary>The function that a number points to: its address with the Thumb bit.</summary>
    public CodeFunction? PointedTo(uint number) => (number & 1) != 0 ? _functions.GetValueOrDefault(number & ~1u) : null;

    /// <summary>Words of the constant at an address; empty when there is none.</summary>
    public IEnumerable<uint> Words(uint address)
    {
        if (!_objects.TryGetValue(address, out uint bytes) || address < _base || address + bytes - _base > _memory.Length)
        {
            yield break;
        }

        for (uint at = address; at + 4 <= address + bytes; at += 4)
        {
            yield return BitConverter.ToUInt32(_memory, (int)(at - _base));
        }
    }

    /// <summary>Address of a symbol.</summary>
    public uint Symbol(string name) => _symbols.TryGetValue(name, out uint address) ? address : throw new ToolException($"the program has no {name}");

    [GeneratedRegex(@"^([0-9a-f]{8}) <(.+)>:$")]
    private static partial Regex FunctionLine();

    [GeneratedRegex(@"^\s*([0-9a-f]+):\t(\S+)(?:\t(.*))?$")]
    private static partial Regex InstructionLine();

    [GeneratedRegex(@"\b([0-9a-f]+) <")]
    private static partial Regex TargetPattern();

    [GeneratedRegex(@"#-?(\d+)")]
    private static partial Regex NumberPattern();

    private static uint Hex(string text) => uint.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    // Returns the function that the next line belongs to; null in data.
    private CodeFunction? Read(string line, CodeFunction? current)
    {
        if (FunctionLine().Match(line) is { Success: true } function)
        {
            return FunctionAt(Hex(function.Groups[1].Value), function.Groups[2].Value);
        }

        if (current is not null && InstructionLine().Match(line) is { Success: true } instruction)
        {
            string mnemonic = instruction.Groups[2].Value;
            ReadInstruction(current, Hex(instruction.Groups[1].Value), mnemonic[0] == '.' ? mnemonic : mnemonic.Split('.')[0], instruction.Groups[3].Value.Split('@', ';')[0].Trim());
        }

        return current;
    }

    // A label that is neither a function's nor a constant's, such as an assembler's without .type: what it begins is not known.
    private CodeFunction? FunctionAt(uint address, string name)
    {
        if (!_functions.TryGetValue(address, out CodeFunction? function) && !_objects.ContainsKey(address))
        {
            function = new(address, name) { Unknown = { "its symbol is not a function's" } };
            _functions.Add(address, function);
        }

        return function;
    }

    // A loop that takes more stack than it gives back has no bound.
    private static void FindLoops(CodeFunction function)
    {
        foreach ((uint at, _, uint? target) in function.Flow.Where(f => f.Target <= f.At && f.Target >= function.Address))
        {
            int net = function.Flow.Where(f => f.At >= target && f.At <= at).Sum(f => f.Taken);
            if (net > 0)
            {
                function.Unknown.Add($"the loop from {target:x} to {at:x} takes {net} bytes each time");
            }
        }
    }

    private static void ReadInstruction(CodeFunction function, uint at, string mnemonic, string operands)
    {
        if (mnemonic == ".word")
        {
            function.Literals.Add(Hex(operands[2..]));
        }
        else if (mnemonic is "blx" or "bx" && !operands.Contains('<', StringComparison.Ordinal))
        {
            function.CallsIndirectly |= operands != "lr";
        }
        else if (mnemonic[0] == 'b' || mnemonic is "cbz" or "cbnz")
        {
            Branch(function, at, operands);
        }
        else if (mnemonic is "movw" or "movt")
        {
            // Half an address at most: the other half of this program's is 0 (its code lies below 64 KB), else no candidate is found and that is an error.
            function.Literals.Add((uint)Number(operands));
        }

        int taken = StackTaken(function, mnemonic, operands);
        function.Frame += taken;
        function.Flow.Add((at, taken - StackGiven(mnemonic, operands), null));
    }

    private static void Branch(CodeFunction function, uint at, string operands)
    {
        if (TargetPattern().Match(operands) is { Success: true } target)
        {
            function.Targets.Add(Hex(target.Groups[1].Value));
            function.Flow.Add((at, 0, Hex(target.Groups[1].Value)));
        }
    }

    // Bytes that an instruction takes off the stack pointer; what gives them back counts as nothing.
    private static int StackTaken(CodeFunction function, string mnemonic, string operands)
    {
        bool updatesSp = operands.Contains("sp!", StringComparison.Ordinal) || (operands.Contains("[sp,", StringComparison.Ordinal) && operands.EndsWith("]!", StringComparison.Ordinal));
        switch (mnemonic)
        {
            case "push" or "vpush" or "stmdb" or "vstmdb" or "stmfd" when mnemonic.EndsWith("push", StringComparison.Ordinal) || updatesSp:
                return RegisterBytes(operands);
            case "str" or "strd" or "vstr" when updatesSp:
                return Number(operands);
            case "sub" or "subw" or "subs" when operands.StartsWith("sp,", StringComparison.Ordinal):
                if (!operands.Contains('#', StringComparison.Ordinal))
                {
                    function.Unknown.Add($"{mnemonic} {operands}");
                }

                return operands.Contains('#', StringComparison.Ordinal) ? Number(operands) : 0;
            case "mov" or "movs" or "ldr" or "bic" or "and" or "msr" when operands.StartsWith("sp,", StringComparison.Ordinal) || operands.StartsWith("MSP", StringComparison.OrdinalIgnoreCase):
                function.Unknown.Add($"{mnemonic} {operands}");
                return 0;
            default:
                return 0;
        }
    }

    // Bytes that an instruction gives back.
    private static int StackGiven(string mnemonic, string operands) => mnemonic switch
    {
        "pop" or "vpop" => RegisterBytes(operands),
        "ldmia" or "vldmia" or "ldm" when operands.Contains("sp!", StringComparison.Ordinal) => RegisterBytes(operands),
        "ldr" or "ldrd" or "vldr" when operands.Contains("[sp],", StringComparison.Ordinal) => Number(operands),
        "add" or "adds" or "addw" when operands.StartsWith("sp,", StringComparison.Ordinal) && operands.Contains('#', StringComparison.Ordinal) => Number(operands),
        _ => 0,
    };

    private static int Number(string operands) => int.Parse(NumberPattern().Match(operands).Groups[1].Value, CultureInfo.InvariantCulture);

    // {r4, r5, lr}, {d8-d11}
    private static int RegisterBytes(string operands)
    {
        string list = operands[(operands.IndexOf('{', StringComparison.Ordinal) + 1)..operands.IndexOf('}', StringComparison.Ordinal)];
        return list.Split(',').Select(r => r.Trim()).Sum(r =>
        {
            string[] ends = r.Split('-');
            int count = ends.Length == 1 ? 1 : int.Parse(ends[1][1..], CultureInfo.InvariantCulture) - int.Parse(ends[0][1..], CultureInfo.InvariantCulture) + 1;
            return count * (r[0] == 'd' ? 8 : 4);
        });
    }
}
