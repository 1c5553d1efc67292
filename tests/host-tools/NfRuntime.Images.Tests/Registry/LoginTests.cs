using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Net;
using System.Text;
using System.Threading.Tasks;
using FsCheck;
using FsCheck.Fluent;
using NfRuntime.Images.Registry;
using Xunit;

namespace NfRuntime.Images.Tests.Registry;

/// <summary>Basic authentication, tokens, registries that ask forever, and the file of logins.</summary>
public sealed class LoginTests : RegistryTest
{
    private const string Secret = "correct horse";
    private static readonly RegistryCredential Ada = new("ada", Secret);
    private static readonly string Basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"ada:{Secret}"));

    public LoginTests() => Registry.Seed(One, "fashion", "1");

    [Fact]
    public async Task Basic_logins_are_sent_when_asked_for()
    {
        Registry.Instead = r => r.Header("Authorization") == Basic ? null : Reply.Empty(401, ("WWW-Authenticate", "Basic realm=\"registry\""));
        await PullFailsAsync(RegistryError.LoginNeeded, "wants a login");
        Options = Options with { Credential = new RegistryCredential("ada", "wrong") };
        await PullFailsAsync(RegistryError.Denied, "does not let ada do this");
        Options = Options with { Credential = Ada };
        await PullAsync();
        Assert.Equal(1, Registry.Server.Requests.Count(r => r.Header("Authorization") is null) - 2); // once asked, always sent
    }

    [Fact]
    public async Task Tokens_are_fetched_for_the_scope_that_the_registry_names()
    {
        int issued = 0;
        await using var tokens = new LoopbackServer(r => r.Header("Authorization") == Basic ? Token($"t{++issued}") : Reply.Empty(401));
        Registry.Instead = r => r.Header("Authorization") == $"Bearer t{issued}" && issued > 0 ? null : Wants(tokens, "repository:fashion:pull,push");
        Options = Options with { Credential = Ada };
        await PushAsync(Two, "fashion:2");
        SeenRequest asked = Assert.Single(tokens.Requests);
        Assert.Equal("GET /token?service=test%20service&scope=repository%3Afashion%3Apull%2Cpush", asked.ToString());
        Assert.DoesNotContain(Registry.Server.Requests, r => r.Header("Authorization") == Basic);

        issued = 7; // the token of before has run out
        Store.Remove(Two.Digest.ToString());
        await PullAsync("fashion:2");
        Assert.Equal(2, tokens.Requests.Count);
    }

    [Fact]
    public async Task A_token_that_runs_out_in_a_push_is_replaced()
    {
        int issued = 0, served = 0;
        await using var tokens = new LoopbackServer(_ => Token($"t{++issued}"));
        Registry.Instead = r => r.Header("Authorization") == $"Bearer t{issued}" && ++served % 5 != 0 ? null : Wants(tokens, "repository:other:pull,push");
        Options = Options with { Retries = 0 };
        await PushAsync(One, "other:1");
        Assert.InRange(tokens.Requests.Count, 3, 30);
        Assert.Equal(ContentOf(One, LargestLayer(One)), Registry.Blobs[$"other@{LargestLayer(One).Digest}"]);
    }

    [Fact]
    public async Task Anonymous_tokens_need_no_login()
    {
        await using var tokens = new LoopbackServer(r => r.Header("Authorization") is null ? Token("open") : Reply.Empty(400));
        Registry.Instead = r => r.Header("Authorization") == "Bearer open" ? null : Wants(tokens, "repository:fashion:pull");
        await PullAsync();
    }

    [Theory]
    [InlineData(false, RegistryError.LoginNeeded)]
    [InlineData(true, RegistryError.Denied)]
    public async Task A_registry_that_always_asks_is_answered_once(bool login, RegistryError error)
    {
        await using var tokens = new LoopbackServer(_ => Token("never right"[..5]));
        Registry.Instead = _ => Wants(tokens, "repository:fashion:pull");
        Options = login ? Options with { Credential = Ada } : Options;
        await PullFailsAsync(error, "");
        Assert.Equal((2, 1), (Registry.Server.Requests.Count, tokens.Requests.Count));
        Assert.Empty(Waits);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"token\":\"\"}")]
    [InlineData("{\"token\":7}")]
    [InlineData("{\"token\":\"a\\r\\nX-Injected: 1\"}")]
    [InlineData("{\"token\":\"ä\"}")]
    [InlineData("<html>")]
    public async Task An_answer_that_is_no_token(string answer)
    {
        await using var tokens = new LoopbackServer(_ => new Reply(200, Encoding.UTF8.GetBytes(answer)));
        Registry.Instead = _ => Wants(tokens, "x");
        await PullFailsAsync(RegistryError.Untrusted, "something else than a token");
        Assert.Single(Registry.Server.Requests);
    }

    [Fact]
    public async Task A_token_that_never_ends_is_cut()
    {
        await using var tokens = new LoopbackServer(_ => new Reply(200, "{\"token\":\""u8.ToArray()) { Length = -1, Endless = true });
        Registry.Instead = _ => Wants(tokens, "x");
        await PullFailsAsync(RegistryError.Untrusted, "sends more than 65536 bytes");
    }

    [Theory]
    [InlineData("Bearer realm=\"http://192.0.2.1/token\"")]
    [InlineData("Bearer realm=\"http://tokens.example/token\"")]
    [InlineData("Bearer realm=\"file:///etc/passwd\"")]
    [InlineData("Bearer realm=\"token\"")]
    [InlineData("Bearer service=\"x\"")]
    [InlineData("Bearer realm")]
    [InlineData("Bearer")]
    public async Task A_challenge_that_leads_nowhere_gets_no_login(string challenge)
    {
        Options = Options with { Credential = Ada };
        Registry.Instead = _ => Reply.Empty(401, ("WWW-Authenticate", challenge));
        await PullFailsAsync(RegistryError.Untrusted, "token");
        Assert.Null(Assert.Single(Registry.Server.Requests).Header("Authorization"));
    }

    [Theory]
    [InlineData("Negotiate")]
    [InlineData("Bearer realm=\"unclosed")]
    [InlineData(null)]
    public async Task Another_kind_of_login_is_said(string? challenge)
    {
        Registry.Instead = _ => Reply.Empty(401, challenge is null ? [] : [("WWW-Authenticate", challenge)]);
        await PullFailsAsync(RegistryError.Refused, "a kind of login that is not known");
    }

    [Fact]
    public async Task No_login_is_sent_without_tls_to_another_machine()
    {
        Options = Options with { PlainHttp = true, Credential = Ada, Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]) };
        Registry.Instead = _ => Reply.Empty(401, ("WWW-Authenticate", "Basic realm=\"x\""));
        await PullFailsAsync(RegistryError.Insecure, "wants a login without TLS", host: $"registry.example:{Registry.Server.Port}");
        Assert.Null(Assert.Single(Registry.Server.Requests).Header("Authorization"));
    }

    // Whoever is on the way may have written the challenge: TLS to the place that it names protects nothing then.
    [Fact]
    public async Task A_challenge_that_came_without_tls_sends_no_login_to_the_tls_address_that_it_names()
    {
        var asked = new ConcurrentQueue<string>();
        Options = Options with
        {
            PlainHttp = true,
            Credential = Ada,
            Resolve = (host, _) =>
            {
                asked.Enqueue(host);
                return Task.FromResult<IPAddress[]>([IPAddress.Loopback]);
            },
        };
        Registry.Instead = _ => Reply.Empty(401, ("WWW-Authenticate", $"Bearer realm=\"https://tokens.example:{Registry.Server.Port}/token\""));
        await PullFailsAsync(RegistryError.Insecure, "wants a login without TLS", host: $"registry.example:{Registry.Server.Port}");
        Assert.Equal("registry.example", Assert.Single(asked));
        Assert.Null(Assert.Single(Registry.Server.Requests).Header("Authorization"));
    }

    [Fact]
    public async Task A_login_is_kept_when_the_registry_takes_it()
    {
        string file = FileIn("home/registries.json");
        var logins = new RegistryLogins(file);
        Registry.Instead = r => r.Header("Authorization") == Basic ? null : Reply.Empty(401, ("WWW-Authenticate", "Basic realm=\"registry\""));
        RegistryOptions wrong = Options with { Credential = new RegistryCredential("ada", "wrong") };
        await Assert.ThrowsAsync<RegistryException>(() => logins.LoginAsync(Registry.Host, wrong, TestContext.Current.CancellationToken));
        Assert.False(File.Exists(file));

        await logins.LoginAsync(Registry.Host, Options with { Credential = Ada }, TestContext.Current.CancellationToken);
        Assert.Equal(("ada", Secret), (logins.Find(Registry.Host)!.User, logins.Find(Registry.Host)!.Password));
        Assert.Null(logins.Find("other.example"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        Assert.True(logins.Logout(Registry.Host));
        Assert.False(logins.Logout(Registry.Host));
        Assert.DoesNotContain("ada", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(file)!));
    }

    [Fact]
    public async Task A_login_that_was_kept_while_the_registry_was_asked_stays()
    {
        var logins = new RegistryLogins(FileIn("logins"));
        Registry.Instead = r =>
        {
            Write("{\"version\":1,\"registries\":{\"other.example\":{\"user\":\"eve\",\"password\":\"p\"}}}", UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return r.Header("Authorization") == Basic ? null : Reply.Empty(401, ("WWW-Authenticate", "Basic realm=\"registry\""));
        };
        await logins.LoginAsync(Registry.Host, Options with { Credential = Ada }, TestContext.Current.CancellationToken);
        Assert.Equal(("eve", "ada"), (logins.Find("other.example")?.User, logins.Find(Registry.Host)?.User));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("{\"version\":2,\"registries\":{}}")]
    [InlineData("{\"version\":1,\"registries\":{\"a\":{\"user\":\"x\"}}}")]
    [InlineData("{\"version\":1,\"registries\":{\"a\":{\"user\":\"x\",\"password\":null}}}")]
    [InlineData("{\"version\":1,\"registries\":{\"a\":{\"user\":\"x\",\"password\":\"y\"},\"A\":{\"user\":\"x\",\"password\":\"y\"}}}")]
    [InlineData("{\"version\":1,\"registries\":{\"a\":{\"user\":\"x\\n\",\"password\":\"y\"}}}")]
    public void A_file_that_holds_no_logins(string json)
    {
        Write(json, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        RegistryException refused = Assert.Throws<RegistryException>(() => new RegistryLogins(FileIn("logins")).Find("a"));
        Assert.Equal(RegistryError.Logins, refused.Error);
    }

    [Fact]
    public void A_file_that_others_read_is_not_used()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no file modes");
        }

        Write("{\"version\":1,\"registries\":{}}", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        RegistryException refused = Assert.Throws<RegistryException>(() => new RegistryLogins(FileIn("logins")).Find("a"));
        Assert.Contains("read by others", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_that_is_printed_has_the_password()
    {
        Options = Options with { Credential = Ada };
        Registry.Instead = _ => Reply.Empty(401, ("WWW-Authenticate", "Basic realm=\"x\""));
        RegistryException denied = await Assert.ThrowsAsync<RegistryException>(() => PullAsync());
        Assert.All([Ada.ToString(), Options.ToString(), denied.ToString()], text => Assert.DoesNotContain("horse", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "p")]
    [InlineData("a:b", "p")]
    [InlineData("a\n", "p")]
    [InlineData("a", "")]
    [InlineData("a", "p\0")]
    public void What_cannot_be_a_login_is_none(string user, string password) =>
        Assert.Equal(RegistryError.Logins, Assert.Throws<RegistryException>(() => new RegistryCredential(user, password)).Error);

    [Fact]
    public void Challenges_have_tokens_and_quoted_strings()
    {
        Assert.Equal([("realm", "https://a/t?x=1,2"), ("scope", "a \"b\""), ("service", "s")],
            Challenge.Parse("""Realm="https://a/t?x=1,2", service=s ,scope="a \"b\"" """)!.Select(p => (p.Key, p.Value)).Order());
        Assert.All(["realm", "=x", "realm=\"", "realm=\"a\"b", "a=1,a=2", string.Join(',', Enumerable.Range(0, 17).Select(i => $"p{i}=1"))], bad => Assert.Null(Challenge.Parse(bad)));
    }

    [Fact]
    public void Any_text_is_a_challenge_or_none() => Check.QuickThrowOnFailure(Prop.ForAll<string>(text => Challenge.Parse(text) is null or { Count: <= 16 }));

    private static Reply Token(string token) => new(200, Encoding.UTF8.GetBytes($$"""{"token":"{{token}}","expires_in":60}"""));

    private static Reply Wants(LoopbackServer tokens, string scope) =>
        Reply.Empty(401, ("WWW-Authenticate", $"Bearer realm=\"http://{tokens.Host}/token\",service=\"test service\",scope=\"{scope}\""));

    private void Write(string json, UnixFileMode mode)
    {
        File.WriteAllText(FileIn("logins"), json);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(FileIn("logins"), mode);
        }
    }
}
