using NfRuntime.VirtualDevice.Serving;
using Xunit;

namespace NfRuntime.VirtualDevice.Tests;

public class ServeOptionsTests
{
    private const string Complete = "--name g --root-key r --state-dir s --board b --enrol http://127.0.0.1:1";

    [Fact]
    public void A_complete_line_is_read()
    {
        ServeOptions options = Parse(Complete + " --count 120 --input a b --rate 2.5 --drop 0.3 --cut-after 9 --cuts 3 --seed 4 --quiet --input c");
        Assert.Equal(["a", "b", "c"], options.Inputs);
        Assert.Equal((120, 2.5, 0.3, 9, 3, 4, true), (options.Count, options.Rate, options.Drop, options.CutAfter, options.Cuts, options.Seed, options.Quiet));
        Assert.Equal(("g-001", "g-120"), (options.NameOf(0), options.NameOf(119)));
        Assert.False(options.PlainHttp);
        Assert.True(Parse(Complete + " --plain-http --count 2").PlainHttp);
        Assert.Equal("g", Parse(Complete).NameOf(0));
        Assert.Equal("g-02", Parse(Complete + " --count 2").NameOf(1));
    }

    [Theory]
    [InlineData("--name g --root-key r --state-dir s --enrol u")] // no board
    [InlineData("--name g --root-key r --state-dir s --board b")] // no identity
    [InlineData("--name g --root-key r --state-dir s --board b --broker h:1 --tenant t --cert c --key k")] // no CA
    [InlineData(Complete + " --count 2 --flash f")]
    [InlineData(Complete + " --count 0")]
    [InlineData(Complete + " --drop 1.1")]
    [InlineData(Complete + " --drop -1")]
    [InlineData(Complete + " --rate")]
    [InlineData(Complete + " --unknown 1")]
    [InlineData(Complete + " --name ../other")] // becomes part of a path and of topics
    [InlineData(Complete + " --name /tmp/other")]
    [InlineData(Complete + " --name a+b")]
    [InlineData(Complete + " --name Gate")]
    [InlineData(Complete + " --name aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa --count 100")] // 34 characters
    [InlineData(Complete + " --tenant a/b")]
    [InlineData(Complete + " --enrol ftp://127.0.0.1/")]
    [InlineData(Complete + " --enrol http://fleet.example:8080")] // the token would be readable on the way
    [InlineData(Complete + " --enrol 127.0.0.1:8080")]
    public void A_wrong_line_is_refused(string line) => Assert.Throws<UsageException>(() => Parse(line));

    private static ServeOptions Parse(string line) => ServeOptions.Parse(line.Split(' '));
}
