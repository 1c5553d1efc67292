namespace NfRuntime.Native;

/// <summary>How a capsule's golden vectors went.</summary>
public sealed class SelfTestReport
{
    public SelfTestReport(bool passed, int caseCount, int caseIndex, int sourceOperator)
    {
        Passed = passed;
        CaseCount = caseCount;
        CaseIndex = caseIndex;
        SourceOperator = sourceOperator;
    }

    /// <summary>Every case was bit-exact.</summary>
    public bool Passed { get; }

    public int CaseCount { get; }

    /// <summary>The first failing case.</summary>
    public int CaseIndex { get; }

    /// <summary>The first operator whose output differs, as the model's author counts; −1: the model's output itself.</summary>
    public int SourceOperator { get; }
}
