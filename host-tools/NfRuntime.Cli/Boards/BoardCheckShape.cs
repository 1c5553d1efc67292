using System.Collections.Generic;

namespace NfRuntime.Cli.Boards;

/// <summary>board check --json.</summary>
/// <param name="Vectors">Golden vectors that were reckoned with for a model.</param>
/// <param name="Fits">Whether every capsule fits every board.</param>
/// <param name="Boards">One a board.</param>
/// <param name="LeftOut">Models that could not be checked: the sentence why.</param>
internal sealed record BoardCheckShape(int Vectors, bool Fits, IReadOnlyList<CheckedBoardShape> Boards, IReadOnlyList<string> LeftOut);

/// <summary>A board and what fits it.</summary>
internal sealed record CheckedBoardShape(string Name, string Status, string Target, IReadOnlyList<CheckedCapsuleShape> Capsules);

/// <summary>A capsule on a board; sentence: null when it fits.</summary>
internal sealed record CheckedCapsuleShape(string Name, bool Fits, IReadOnlyList<Demand> Demands, string? Sentence);
