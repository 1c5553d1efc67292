using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;

namespace NfRuntime.Bench;

/// <summary>A tool that was run and failed.</summary>
internal sealed class ToolException(string message) : Exception(message);

/// <summary>Runs compilers and emulators.</summary>
internal static class Tools
{
    /// <summary>Runs a program to its end and returns what it wrote to standard output.</summary>
    /// <exception cref="ToolException">It is not installed, or it failed; with the end of its output.</exception>
    public static string Run(string workingFolder, string program, params IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(program) { WorkingDirectory = workingFolder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Start(start);
        process.StandardInput.Close();
        System.Threading.Tasks.Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            string all = output + errors.Result;
            throw new ToolException($"{program} ended with {process.ExitCode}: {all[Math.Max(0, all.Length - 1500)..]}");
        }

        return output;
    }

    /// <summary>Addresses of symbols of an ELF file, by name.</summary>
    public static Dictionary<string, ulong> Symbols(string elf)
    {
        Dictionary<string, ulong> symbols = [];
        foreach (string line in Run(Path.GetDirectoryName(elf)!, "arm-none-eabi-nm", elf).Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 3)
            {
                symbols[words[2]] = ulong.Parse(words[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            }
        }

        return symbols;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new ToolException($"{start.FileName} is not installed; test.sh installs what the benchmarks need");
        }
    }
}
