using System;
using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Telemetry;
using NfRuntime.Capsules;

namespace NfRuntime.Agent.Lifecycle;

/// <summary>
/// A capsule by its name, as an application uses it: Feed, Begin, Step until it is done, Read. Which version answers is the agent's
/// business, and changes between two inferences only. One inference is in flight over all slots; nothing here throws.
/// </summary>
public sealed class CapsuleSlot
{
    private const int AbandonedAfter = 10_000;

    private readonly AgentContext _context;
    private readonly CapsuleResult _result = new CapsuleResult();
    private readonly CapsuleResult _shadowResult = new CapsuleResult();
    private readonly Inference _inference;
    private readonly Inference _shadowInference;
    private byte[] _sample = new byte[0];
    private int _sampleCount;
    private bool _isDue;
    private bool _isRunning;
    private bool _isShadowing;
    private bool _hasResult;
    private Runner _answered = null!; // whose answer it is: another version may be live when it is read

    internal CapsuleSlot(AgentContext context, string name)
    {
        _context = context;
        Name = name;
        _inference = new Inference(context, Figures);
        _shadowInference = new Inference(context, ShadowFigures);
    }

    public string Name { get; }

    /// <summary>Its name was removed and its place given to another: it never serves again, ask the agent for a new one.</summary>
    public bool IsRetired { get; internal set; }

    /// <summary>Whether a version is open and takes samples.</summary>
    public bool IsServing
    {
        get { return Live != null; }
    }

    /// <summary>Version text of what answers; empty for none.</summary>
    public string Version
    {
        get { return Live == null ? string.Empty : Live.Version; }
    }

    /// <summary>Whether the last inference came to its end, and <see cref="Read"/> has its answer.</summary>
    public bool HasResult
    {
        get { return _hasResult; }
    }

    /// <summary>Between Feed that returned true and the last Step: no flash is touched meanwhile.</summary>
    public bool IsBusy
    {
        get { return _isDue || _isRunning; }
    }

    /// <summary>The inference that is due or was begun waits for the arena: a self-test has it, and nothing of the inference is lost by what the agent does.</summary>
    internal bool IsWaiting
    {
        get { return (_isDue || (_isRunning && !_isShadowing)) && _inference.IsHeldUp; }
    }

    /// <summary>The version that answers, or null.</summary>
    internal OpenVersion Live { get; set; } = null!;

    /// <summary>The candidate that is only compared, or null.</summary>
    internal OpenVersion Shadow { get; set; } = null!;

    internal CapsuleFigures Figures { get; } = new CapsuleFigures();

    internal CapsuleFigures ShadowFigures { get; } = new CapsuleFigures();

    internal Trial Trial { get; } = new Trial();

    /// <summary>Since when it has nothing open for the sake of a version that is being opened, on the platform's clock; 0: not so.</summary>
    internal long DarkSince { get; set; }

    /// <summary>It was closed for another capsule's sake: it is opened again when a sample comes.</summary>
    internal bool IsParked { get; set; }

    /// <summary>What should be open may have changed.</summary>
    internal bool MustServe { get; set; } = true;

    /// <summary>When to try again what failed, milliseconds.</summary>
    internal long RetryAt { get; set; }

    /// <summary>How often the same was tried in vain.</summary>
    internal int Failures { get; set; }

    /// <summary>When to test again what could not be, milliseconds; 0: at once. Apart from opening: what cannot be opened must not keep what replaces it from its test.</summary>
    internal long TestAt { get; set; }

    /// <summary>How often a test could not be done.</summary>
    internal int TestFailures { get; set; }

    /// <summary>Milliseconds, of the last use.</summary>
    internal long LastUse { get; private set; }

    /// <summary>A sample came while nothing was open.</summary>
    internal bool IsAskedFor { get; set; }

    /// <summary>Gives a sample to the serving version, whose model has one input: capsules of models with more are refused (UNSUPPORTED).</summary>
    /// <param name="raw">As the sensor gave it; of the declared size. Not kept.</param>
    /// <param name="count">How many bytes of it count.</param>
    /// <returns>Whether an inference is due: Begin then.</returns>
    public bool Feed(byte[] raw, int count)
    {
        LastUse = _context.Now;
        IsAskedFor = Live == null;
        if (Live == null || _isRunning)
        {
            return false;
        }

        Keep(raw, count);
        int fed = _inference.Feed(Live, _sample, _sampleCount);
        if (fed == Inference.Failed)
        {
            Fail(Live, _inference.Reason);
        }

        if (fed == Inference.NotDue && Shadow != null && _shadowInference.Feed(Shadow, _sample, _sampleCount) == Inference.Failed)
        {
            Fail(Shadow, _shadowInference.Reason);
        }

        _isDue = fed == Inference.Due || fed == Inference.Later;
        return _isDue;
    }

    /// <summary>Starts the inference that is due.</summary>
    /// <returns>False: none is.</returns>
    public bool Begin()
    {
        if (!_isDue)
        {
            return false;
        }

        _isDue = false;
        _isRunning = true;
        _isShadowing = false;
        _hasResult = false;
        _inference.Start();
        return true;
    }

    /// <summary>A slice of about <paramref name="budget"/> instructions, 0: the firmware's default.</summary>
    /// <returns>Whether there is more to do; then <see cref="HasResult"/> tells whether it came to an answer.</returns>
    public bool Step(int budget)
    {
        if (!_isRunning)
        {
            return false;
        }

        LastUse = _context.Now;
        if (Live == null || (_isShadowing && Shadow == null))
        {
            GiveUp();
            return false;
        }

        if (_isShadowing)
        {
            _isRunning = StepShadow(budget);
            return _isRunning;
        }

        int stepped = _inference.Step(Live, _sample, _sampleCount, _result, budget);
        if (stepped == Inference.Later)
        {
            return true;
        }

        _hasResult = stepped == Inference.Ended;
        _answered = Live.Runner;
        if (stepped == Inference.Failed)
        {
            Fail(Live, _inference.Reason);
        }
        else if (Live.Place == LifecycleNumbers.PlaceCandidate)
        {
            Trial.Count(_context.Now);
        }

        _isShadowing = _hasResult && Shadow != null;
        _isRunning = _isShadowing;
        if (_isShadowing)
        {
            _shadowInference.Start();
        }

        return _isRunning;
    }

    /// <summary>Copies the last inference's answer.</summary>
    /// <returns>False: there is none.</returns>
    public bool Read(CapsuleResult result)
    {
        result.Clear();
        if (!_hasResult)
        {
            return false;
        }

        result.Decision = _result.Decision;
        for (int i = 0; i < _result.Count; i++)
        {
            result.Add(_result.ClassAt(i), _result.ScoreAt(i));
        }

        return true;
    }

    /// <summary>Copies the first output of the version that answered, which had no declared or managed post-processing: int8 values.</summary>
    /// <returns>How many; 0: there is no answer, or it is a decision.</returns>
    public int ReadOutput(sbyte[] target)
    {
        if (!_hasResult || _answered.Decides || _answered.Output.Length > target.Length)
        {
            return 0;
        }

        Array.Copy(_answered.Output, 0, target, 0, _answered.Output.Length);
        return _answered.Output.Length;
    }

    /// <summary>Gives up what the application has left lying: otherwise no flash would ever be touched again.</summary>
    internal void Expire()
    {
        if (IsBusy && _context.Now - LastUse > AbandonedAfter)
        {
            GiveUp();
        }
    }

    /// <summary>Another version answers: an inference that waits for the arena goes to that one.</summary>
    internal void FeedAgain()
    {
        _inference.FeedAgain();
    }

    private void GiveUp()
    {
        _inference.GiveUp(Live);
        _shadowInference.GiveUp(Shadow);
        _isDue = false;
        _isRunning = false;
    }

    // The shadow may run only when the answer is out of the arena, which both share; hence the copy of the sample.
    private bool StepShadow(int budget)
    {
        int stepped = _shadowInference.Step(Shadow, _sample, _sampleCount, _shadowResult, budget);
        if (stepped == Inference.Later)
        {
            return true;
        }

        if (stepped == Inference.Failed)
        {
            Fail(Shadow, _shadowInference.Reason);
        }
        else if (stepped == Inference.Ended)
        {
            bool isSame = Shadow.Runner.Agrees(_shadowResult, Live.Runner, _result);
            ShadowFigures.Compared++;
            ShadowFigures.Disagreements += isSame ? 0 : 1;
            Trial.Compare(_context.Now, isSame);
        }

        return false;
    }

    private void Fail(OpenVersion version, int reason)
    {
        if (version.Place == LifecycleNumbers.PlaceCandidate)
        {
            Trial.Fail(reason);
        }

        _context.Note(LogRing.Warning, LogEvent.Strike, Name, "an inference of version " + version.Version + " failed: " + ReasonText.Of(reason));
    }

    private void Keep(byte[] raw, int count)
    {
        if (_sample.Length < count)
        {
            _sample = new byte[count];
        }

        Array.Copy(raw, 0, _sample, 0, count);
        _sampleCount = count;
    }
}
