using System;
using System.Reflection;
using NfRuntime.Native;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>The real store, but for the calls that a test has fail: by the name of the member (get_… for a property's value).</summary>
public class FaultyStore : DispatchProxy
{
    private IDeviceStore _store = null!;
    private Func<string, object?> _fault = null!;

    /// <param name="store">That is asked when <paramref name="fault"/> gives null.</param>
    /// <param name="fault">The result of a call instead, of the type that it has.</param>
    public static IDeviceStore Over(IDeviceStore store, Func<string, object?> fault)
    {
        IDeviceStore proxy = Create<IDeviceStore, FaultyStore>();
        ((FaultyStore)(object)proxy)._store = store;
        ((FaultyStore)(object)proxy)._fault = fault;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        _fault(targetMethod!.Name) ?? targetMethod.Invoke(_store, args);
}
