namespace NfRuntime.Agent.Protocol;

/// <summary>Numbers of RFC 8949 that documents use.</summary>
internal static class Cbor
{
    internal const int UnsignedType = 0;
    internal const int NegativeType = 1;
    internal const int BytesType = 2;
    internal const int TextType = 3;
    internal const int ArrayType = 4;
    internal const int MapType = 5;
    internal const int SimpleType = 7;
    internal const int False = 20;
    internal const int True = 21;
}
