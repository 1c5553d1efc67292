using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace NfRuntime.Fleet.Enrolment;

/// <summary>A claim token: 32 random bytes in base64url (43 characters). Only its SHA-256 is kept, which is enough for so much entropy.</summary>
internal static class ClaimToken
{
    private const int Bytes = 32, Characters = 43;

    public static (string Token, byte[] Hash) Create()
    {
        byte[] secret = RandomNumberGenerator.GetBytes(Bytes);
        return (Base64Url.EncodeToString(secret), SHA256.HashData(secret));
    }

    /// <summary>The hash under which a token is known; null when this cannot be a token.</summary>
    public static byte[]? HashOf(string? token)
    {
        byte[] secret = new byte[Bytes];
        return token is { Length: Characters } && Base64Url.DecodeFromChars(token, secret, out _, out int written) == OperationStatus.Done && written == Bytes ? SHA256.HashData(secret) : null;
    }
}
