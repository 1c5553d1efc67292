using System;

namespace NfRuntime.Model.Plan;

/// <summary>A model that cannot become a plan. The message names the operator and says what about it is not possible.</summary>
public sealed class CompileException : Exception
{
    /// <summary>An error of the whole model.</summary>
    public CompileException(string message)
        : base(message)
    {
    }

    /// <summary>An error of one operator.</summary>
    /// <param name="sourceOperator">The operator's index in the .tflite.</param>
    /// <param name="operatorName">Its name as in TFLite's schema.</param>
    /// <param name="reason">What is not possible; a sentence without a full stop.</param>
    public CompileException(int sourceOperator, string operatorName, string reason)
        : base($"operator {sourceOperator} ({operatorName}): {reason}")
    {
        SourceOperator = sourceOperator;
    }

    /// <inheritdoc/>
    public CompileException()
    {
    }

    /// <inheritdoc/>
    public CompileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The operator's index in the .tflite; null when the error is the whole model's.</summary>
    public int? SourceOperator { get; }
}
