namespace NfRuntime.Agent.Protocol;

/// <summary>Health rules of a trial (PROTOCOL.md §3).</summary>
public sealed class TrialRules
{
    /// <summary>Of <see cref="Disagreements"/>: whatever they are, they reject nothing.</summary>
    public const int Never = 1000;

    /// <summary>Inferences that a trial needs.</summary>
    public int Inferences { get; set; } = 20;

    /// <summary>Seconds that it lasts at least.</summary>
    public int Seconds { get; set; }

    /// <summary>Errors that are one strike.</summary>
    public int Errors { get; set; } = 1;

    /// <summary>Of a shadow, in 1,000 comparisons: that many reject it.</summary>
    public int Disagreements { get; set; } = Never;

    /// <summary>Seconds without an inference after which the trial's evidence begins anew.</summary>
    public int Silence { get; set; } = 300;

    internal void Read(CborReader reader)
    {
        int pairs = reader.Map();
        for (int i = 0; i < pairs && !reader.IsBad; i++)
        {
            switch (reader.Unsigned(0, ulong.MaxValue))
            {
                case 1: Inferences = reader.Number(0, int.MaxValue); break;
                case 2: Seconds = reader.Number(0, int.MaxValue); break;
                case 3: Errors = reader.Number(1, int.MaxValue); break;
                case 4: Disagreements = reader.Number(0, Never); break;
                case 5: Silence = reader.Number(1, int.MaxValue); break;
                default: reader.Skip(); break;
            }
        }
    }

    internal void CopyFrom(TrialRules other)
    {
        Inferences = other.Inferences;
        Seconds = other.Seconds;
        Errors = other.Errors;
        Disagreements = other.Disagreements;
        Silence = other.Silence;
    }
}
