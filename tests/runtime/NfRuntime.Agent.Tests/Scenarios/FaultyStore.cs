using System;
using System.Reflection;
using NfRuntime.Native;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>The real store, but for the calls that a test has fail: by the name of the member (get_… for a property's value).</summary>
public class FaultyStore : DispatchProxy
{
    private IDeviceStore _store = null!;
    private Func<string, object?[], object?> _fault = null!;
    private Action<string, object?[]>? _after;

    /// <param name="store">That is asked when <paramref name="fault"/> gives null.</param>
    /// <param name="fault">The result of a call instead, of the type that it has.</param>
    /// <param name="after">Called with the arguments of a call that was made.</param>
    public static IDeviceStore Over(IDeviceStore store, Func<string, object?> fault, Action<string, object?[]>? after = null) => Over(store, (name, _) => fault(name), after);

    /// <param name="store">That is asked when <paramref name="fault"/> gives null.</param>
    /// <param name="fault">The result of a call with these arguments instead, of the type that it has.</param>
    /// <param name="after">Called with the arguments of a call that was made.</param>
    public static IDeviceStore Over(IDeviceStore store, Func<string, object?[], object?> fault, Action<string, object?[]>? after = null)
    {
        IDeviceStore proxy = Create<IDeviceStore, FaultyStore>();
        ((FaultyStore)(object)proxy)._store = store;
        ((FaultyStore)(object)proxy)._fault = fault;
        ((FaultyStore)(object)proxy)._after = after;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        object? fault = _fault(targetMethod!.Name, args ?? []);
        object? result = fault ?? targetMethod.Invoke(_store, args);
        if (fault is null)
        {
            _after?.Invoke(targetMethod.Name, args ?? []);
        }

        return result;
    }
}
