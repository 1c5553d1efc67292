using System;

namespace NfRuntime.Model.Import.FlatBuffers;

/// <summary>The bytes are no FlatBuffer of the expected schema. Internal: the importer reports it as a problem of its own kind.</summary>
internal sealed class MalformedFlatBufferException : Exception
{
    public MalformedFlatBufferException()
    {
    }

    public MalformedFlatBufferException(string message)
        : base(message)
    {
    }

    public MalformedFlatBufferException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <param name="offset">Byte offset in the file at which the structure is wrong.</param>
    /// <param name="structure">The structure's name in the schema, such as "Tensor.shape".</param>
    /// <param name="sentence">What is wrong.</param>
    public MalformedFlatBufferException(long offset, string structure, string sentence)
        : base(sentence)
    {
        Offset = offset;
        Structure = structure;
    }

    public long Offset { get; }

    public string Structure { get; } = "";
}
