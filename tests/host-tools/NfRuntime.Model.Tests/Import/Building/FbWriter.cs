using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace NfRuntime.Model.Tests.Import.Building;

/// <summary>Writes a tree of tables as a FlatBuffer, front to back: vtable, table, then what the table refers to.</summary>
internal sealed class FbWriter
{
    private readonly List<byte> _bytes = [];

    public static byte[] Write(FbTable root, string identifier)
    {
        var writer = new FbWriter();
        writer._bytes.AddRange(new byte[4]);
        writer._bytes.AddRange(Encoding.ASCII.GetBytes(identifier));
        writer.Refer(0, root);
        return [.. writer._bytes];
    }

    private void Refer(int at, object value) => Patch(at, (uint)(Place(value) - at));

    private int Place(object value) => value switch
    {
        FbTable table => PlaceTable(table),
        FbTable[] tables => PlaceTables(tables),
        AliasedTables aliased => PlaceAliased(aliased),
        string text => PlaceVector(Encoding.UTF8.GetByteCount(text), 1, [.. Encoding.UTF8.GetBytes(text), 0]),
        byte[] data => PlaceVector(data.Length, 1, data),
        int[] values => PlaceVector(values.Length, 4, Raw(values)),
        float[] values => PlaceVector(values.Length, 4, Raw(values)),
        long[] values => PlaceVector(values.Length, 8, Raw(values)),
        _ => throw new ArgumentException($"no FlatBuffer value: {value.GetType()}"),
    };

    private int PlaceTable(FbTable table)
    {
        int fields = 0;
        int size = 4;
        var offsets = new Dictionary<int, int>();
        foreach ((int field, object value) in table.Fields)
        {
            int width = Width(value);
            size = (size + width - 1) / width * width;
            offsets[field] = size;
            size += width;
            fields = field + 1;
        }

        int vtable = Align(2);
        AddUInt16(4 + (2 * fields));
        AddUInt16(size);
        for (int field = 0; field < fields; field++)
        {
            AddUInt16(offsets.GetValueOrDefault(field));
        }

        int start = Align(8);
        _bytes.AddRange(new byte[size]);
        Patch(start, (uint)(start - vtable));
        foreach ((int field, object value) in table.Fields)
        {
            PutField(start + offsets[field], value);
        }

        return start;
    }

    private void PutField(int at, object value)
    {
        byte[]? scalar = value switch
        {
            bool flag => [flag ? (byte)1 : (byte)0],
            byte number => [number],
            sbyte number => [unchecked((byte)number)],
            int number => BitConverter.GetBytes(number),
            uint number => BitConverter.GetBytes(number),
            ulong number => BitConverter.GetBytes(number),
            float number => BitConverter.GetBytes(number),
            _ => null,
        };
        if (scalar is null)
        {
            Refer(at, value);
            return;
        }

        for (int index = 0; index < scalar.Length; index++)
        {
            _bytes[at + index] = scalar[index];
        }
    }

    private int PlaceTables(FbTable[] tables)
    {
        int start = PlaceVector(tables.Length, 4, new byte[4 * tables.Length]);
        for (int index = 0; index < tables.Length; index++)
        {
            Refer(start + 4 + (4 * index), tables[index]);
        }

        return start;
    }

    private int PlaceAliased(AliasedTables aliased)
    {
        int start = PlaceVector(aliased.Count, 4, new byte[4 * aliased.Count]);
        int table = PlaceTable(aliased.Table);
        for (int index = 0; index < aliased.Count; index++)
        {
            int at = start + 4 + (4 * index);
            Patch(at, (uint)(table - at));
        }

        return start;
    }

    private int PlaceVector(int count, int width, byte[] content)
    {
        // The length stands right before the elements, which are aligned to their width.
        Align(4);
        while (width == 8 && (_bytes.Count + 4) % 8 != 0)
        {
            _bytes.Add(0);
        }

        int start = _bytes.Count;
        _bytes.AddRange(BitConverter.GetBytes(count));
        _bytes.AddRange(content);
        return start;
    }

    private int Align(int alignment)
    {
        while (_bytes.Count % alignment != 0)
        {
            _bytes.Add(0);
        }

        return _bytes.Count;
    }

    private void AddUInt16(int value) => _bytes.AddRange(BitConverter.GetBytes((ushort)value));

    private void Patch(int at, uint value)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(word, value);
        for (int index = 0; index < 4; index++)
        {
            _bytes[at + index] = word[index];
        }
    }

    private static int Width(object value) => value switch
    {
        bool or byte or sbyte => 1,
        ulong => 8,
        _ => 4,
    };

    private static byte[] Raw<T>(T[] values)
        where T : unmanaged =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
