using System.Collections.Generic;

namespace NfRuntime.Model.Import.Schema;

/// <summary>Shapes as messages write them.</summary>
internal static class Shapes
{
    public static string Text(IEnumerable<int> shape) => $"[{string.Join(',', shape)}]";
}
