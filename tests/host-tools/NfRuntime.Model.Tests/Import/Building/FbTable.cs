using System.Collections.Generic;

namespace NfRuntime.Model.Tests.Import.Building;

/// <summary>
/// A FlatBuffer table to be written. Field values: bool, sbyte, byte, int, uint, ulong, float; string, byte[], int[], long[],
/// float[]; FbTable, FbTable[], AliasedTables. A null value leaves the field out.
/// </summary>
internal sealed class FbTable
{
    private readonly SortedDictionary<int, object> _fields = [];

    public IReadOnlyDictionary<int, object> Fields => _fields;

    public FbTable Set(int field, object? value)
    {
        _fields.Remove(field);
        if (value is not null)
        {
            _fields[field] = value;
        }

        return this;
    }
}

/// <summary>A vector of <paramref name="Count"/> references to one table.</summary>
internal sealed record AliasedTables(FbTable Table, int Count);
