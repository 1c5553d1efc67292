using System;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using NfRuntime.Images.Signing;
using Xunit;

namespace NfRuntime.Images.Tests;

public class EcdsaTests
{
    /// <summary>n of P-256.</summary>
    internal static readonly BigInteger Order = Number("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

    private static readonly byte[] Rfc6979Key = Convert.FromHexString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");

    // RFC 6979, A.2.5, SHA-256.
    [Theory]
    [InlineData("sample", "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716", "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8")]
    [InlineData("test", "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367", "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083")]
    public void Signatures_are_those_of_RFC_6979(string message, string r, string s)
    {
        byte[] hash = SHA256.HashData(Encoding.ASCII.GetBytes(message));
        Assert.Equal(r + s, Convert.ToHexString(EcdsaP256.SignHash(Rfc6979Key, hash, lowS: false)));

        BigInteger low = BigInteger.Min(Number(s), Order - Number(s));
        byte[] signature = EcdsaP256.SignHash(Rfc6979Key, hash);
        Assert.Equal(Number(r), Number(Convert.ToHexString(signature, 0, 32)));
        Assert.Equal(low, Number(Convert.ToHexString(signature, 32, 32)));
    }

    [Fact]
    public void The_public_key_of_RFC_6979_is_derived()
    {
        using SigningKey key = SigningKey.FromScalar(Rfc6979Key);
        Assert.Equal(
            "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB67903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
            Convert.ToHexString(key.PublicKey.Bytes));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(key.PublicKey.Bytes))[..16], key.PublicKey.Id.Hex);
    }

    [Fact]
    public void Two_signatures_are_equal_low_and_accepted_by_the_other_implementation()
    {
        for (int i = 0; i < 20; i++)
        {
            byte[] hash = SHA256.HashData([(byte)i]);
            byte[] signature = TestKeys.Publisher.SignHash(hash);
            Assert.Equal(signature, TestKeys.Publisher.SignHash(hash));
            Assert.True(Number(Convert.ToHexString(signature, 32, 32)) <= Order / 2);
            Assert.True(TestKeys.Publisher.PublicKey.VerifyHash(hash, signature));
            Assert.False(TestKeys.Stranger.PublicKey.VerifyHash(hash, signature));
        }
    }

    private static BigInteger Number(string hex) => BigInteger.Parse("0" + hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
