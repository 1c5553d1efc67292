using System.CommandLine;

namespace NfRuntime.Cli.Hosting;

/// <summary>Options that mean the same in every command.</summary>
internal static class GlobalOptions
{
    public const string JsonName = "--json";
    public const string VerboseName = "--verbose";

    public static Option<bool> Verbose => new(VerboseName)
    {
        Description = "Every problem instead of the first, and stack traces.",
        Recursive = true,
    };

    /// <summary>Whether <c>--json</c> was given, to whichever command.</summary>
    public static bool IsJson(ParseResult parsed) => IsGiven(parsed, JsonName);

    /// <summary>Whether <c>--verbose</c> was given.</summary>
    public static bool IsVerbose(ParseResult parsed) => IsGiven(parsed, VerboseName);

    private static bool IsGiven(ParseResult parsed, string name)
    {
        foreach (System.CommandLine.Parsing.Token token in parsed.Tokens)
        {
            if (token.Value == name && token.Type == System.CommandLine.Parsing.TokenType.Option)
            {
                return true;
            }
        }

        return false;
    }
}
