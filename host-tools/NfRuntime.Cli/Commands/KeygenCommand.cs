using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Keys;
using NfRuntime.Cli.Output;
using NfRuntime.Images.Signing;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule keygen: a publisher's key, the root key, and the list of keys that devices trust.</summary>
internal sealed class KeygenCommand : ToolCommand
{
    private readonly Argument<string> _name = new("NAME")
    {
        Description = "The publisher key's name; a file in the folder of keys.",
        DefaultValueFactory = _ => KeyStore.DefaultName,
    };

    private readonly Option<string[]> _prefixes = new("--prefix") { Description = "Names that the key may sign: a prefix such as acme/vision; repeatable. Default: every name.", HelpName = "P" };
    private readonly Option<string?> _folder = new("--dir") { Description = "Folder of keys. Default: $NFR_HOME/keys.", HelpName = "DIR" };
    private readonly Option<bool> _publisherOnly = new("--publisher-only") { Description = "Make no root key and leave the key list alone: the root key is elsewhere." };
    private readonly Option<string?> _revoke = new("--revoke") { Description = "Make no key: add this key id to the revoked ones and sign the list again.", HelpName = "ID" };
    private readonly Option<bool> _json = JsonOption();

    public KeygenCommand(ToolEnvironment environment)
        : base(
            environment,
            "keygen",
            "Makes a publisher key, and a root key with the list of keys that devices trust.",
            "capsule keygen",
            "capsule keygen acme --prefix acme/ --dir keys",
            "capsule keygen --revoke 5f1c0a22a7e40b13")
    {
        Add(_name);
        Add(_prefixes);
        Add(_folder);
        Add(_publisherOnly);
        Add(_revoke);
        Add(_json);
    }

    protected override async Task<int> RunAsync(CommandContext context)
    {
        var keys = new KeyStore(context.Value(_folder) ?? new ToolHome(context.Environment).Keys, context.Environment);
        KeygenShape result = context.Value(_revoke) is { } id
            ? await RevokeAsync(keys, id, context.Cancellation).ConfigureAwait(false)
            : await CreateAsync(keys, context).ConfigureAwait(false);
        context.Console.Json(result, Shapes.Default.KeygenShape);
        Write(context.Console, result);
        return ExitCode.Success;
    }

    private async Task<KeygenShape> CreateAsync(KeyStore keys, CommandContext context)
    {
        string name = context.Value(_name);
        if (name == KeyStore.RootName || name.AsSpan().ContainsAny('/', '\\') || name.StartsWith('.'))
        {
            throw new ToolException(ErrorCodes.OptionValue, $"\"{name}\" is no name for a publisher key.", "Use a plain file name other than \"root\"; --dir says the folder.");
        }

        string[] prefixes = context.Value(_prefixes) is { Length: > 0 } given ? given : [string.Empty];
        string path = keys.PathOf(name);
        KeyStore.CheckAbsent(path);
        if (context.Value(_publisherOnly))
        {
            using SigningKey alone = keys.Create(path);
            return new KeygenShape(new KeyShape(path, alone.PublicKey.Id.Hex, prefixes), null, null);
        }

        // All that can fail comes first: a publisher key that is in no list would help nobody.
        bool isNew = !File.Exists(keys.RootPath);
        using SigningKey root = isNew ? keys.Create(keys.RootPath) : keys.Load(keys.RootPath);
        KeyList before = File.Exists(keys.KeyListPath) ? keys.LoadList() : new KeyList(0, [], []);
        using SigningKey key = SigningKey.Generate();
        var list = new KeyList(before.Version + 1, [.. before.Keys, new PublisherKey(key.PublicKey, prefixes)], before.Revoked);
        context.Cancellation.ThrowIfCancellationRequested();
        await keys.SaveListAsync(list, root, CancellationToken.None).ConfigureAwait(false);
        keys.Save(key, path);
        return new KeygenShape(
            new KeyShape(path, key.PublicKey.Id.Hex, prefixes),
            isNew ? new KeyShape(keys.RootPath, root.PublicKey.Id.Hex, []) : null,
            ToShape(keys.KeyListPath, list));
    }

    private static async Task<KeygenShape> RevokeAsync(KeyStore keys, string id, CancellationToken cancellation)
    {
        if (!KeyId.TryParse(id, out KeyId? key))
        {
            throw new ToolException(ErrorCodes.OptionValue, $"\"{id}\" is no key id.", "A key id has 16 lower-case hex digits; capsule keygen and capsule inspect print it.");
        }

        KeyList before = keys.LoadList();
        IReadOnlyList<KeyId> revoked = before.Revoked.Contains(key) ? before.Revoked : [.. before.Revoked, key];
        var list = new KeyList(before.Version + 1, [.. before.Keys.Where(k => k.PublicKey.Id != key)], revoked);
        using SigningKey root = keys.Load(keys.RootPath);
        await keys.SaveListAsync(list, root, cancellation).ConfigureAwait(false);
        return new KeygenShape(null, null, ToShape(keys.KeyListPath, list));
    }

    private static KeyListShape ToShape(string path, KeyList list) =>
        new(path, list.Version, [.. list.Keys.Select(k => k.PublicKey.Id.Hex)], [.. list.Revoked.Select(k => k.Hex)]);

    private static void Write(ToolConsole console, KeygenShape result)
    {
        if (result.Publisher is { } publisher)
        {
            string names = publisher.Prefixes is [""] ? "every name" : string.Join(", ", publisher.Prefixes);
            console.Step("publisher", $"key {publisher.Id}   {publisher.File}   may sign {names}");
        }

        if (result.Root is { } root)
        {
            console.Step("root", $"key {root.Id}   {root.File}   keep it offline; its .pub goes into the firmware");
        }

        if (result.KeyList is { } list)
        {
            string revoked = list.Revoked.Count == 0 ? string.Empty : $", {list.Revoked.Count} revoked";
            console.Step("key list", $"version {list.Version}, {Figures.Plural(list.Keys.Count, "key")}{revoked}   {list.File}");
        }
    }
}
