#!/usr/bin/env python3
"""Makes documents.json, frames.json and deltas.json from runtime/NfRuntime.Agent/PROTOCOL.md, with an encoder of its own.

Usage: python3 make.py          writes the three files beside it
"""
import hashlib
import json
import pathlib
import struct
import zlib

HERE = pathlib.Path(__file__).parent


# ---- CBOR, the subset of PROTOCOL.md §2 ----

def head(kind, n):
    for low, width, limit in ((24, 1, 1 << 8), (25, 2, 1 << 16), (26, 4, 1 << 32), (27, 8, 1 << 64)):
        if n < 24:
            return bytes([kind << 5 | n])
        if n < limit:
            return bytes([kind << 5 | low]) + n.to_bytes(width, "big")
    raise ValueError(n)


def enc(v):
    if v is True or v is False:
        return b"\xf5" if v else b"\xf4"
    if isinstance(v, int):
        return head(0, v) if v >= 0 else head(1, -1 - v)
    if isinstance(v, bytes):
        return head(2, len(v)) + v
    if isinstance(v, str):
        b = v.encode()
        return head(3, len(b)) + b
    if isinstance(v, list):
        return head(4, len(v)) + b"".join(map(enc, v))
    if isinstance(v, dict):
        return head(5, len(v)) + b"".join(enc(k) + enc(v[k]) for k in sorted(v))
    raise TypeError(v)


def says(v):
    """The same as JSON: keys become texts, bytes "hex:…", integers beyond 2^53 texts."""
    if isinstance(v, bytes):
        return "hex:" + v.hex()
    if isinstance(v, dict):
        return {str(k): says(x) for k, x in v.items()}
    if isinstance(v, list):
        return [says(x) for x in v]
    if isinstance(v, int) and not isinstance(v, bool) and abs(v) > 1 << 53:
        return str(v)
    return v


def sha(text):
    return hashlib.sha256(text.encode()).digest()


documents = []


def good(name, kind, v):
    documents.append({"name": name, "kind": kind, "says": says(v), "hex": enc(v).hex()})


def bad(name, kind, data, refused="document"):
    documents.append({"name": name, "kind": kind, "refused": refused, "hex": data.hex()})


# ---- desired ----

M1, M2 = sha("manifest 1"), sha("manifest 2")
entry = {1: "fashion", 2: M1, 3: 412, 4: 0, 5: 1}
least = {0: 1, 1: 1, 2: []}
full = {
    0: 1, 1: 9223372036854775807, 2: [
        {**entry, 6: 41, 7: {1: 50, 2: 3600, 3: 2, 4: 25, 5: 60},
         8: [[sha("base"), sha("target"), sha("delta"), 1234], [sha("base 2"), sha("target"), sha("delta 2"), 89]]},
        {1: "acme/größe", 2: M2, 3: 1024, 4: 1, 5: 0},
    ], 3: "https://registry.example/v2/acme/fashion", 4: 1790000000}

good("nothing", "desired", least)
good("one capsule", "desired", {0: 1, 1: 7, 2: [entry]})
good("everything", "desired", full)
good("confirm now", "desired", {0: 1, 1: 300, 2: [{**entry, 5: 2}]})
good("rules, some of them", "desired", {0: 1, 1: 65536, 2: [{**entry, 7: {3: 5}}]})
good("8 capsules", "desired", {0: 1, 1: 4294967296, 2: [{**entry, 1: "n" * (57 + i)} for i in range(8)]})
good("unknown keys are skipped", "desired",
     {0: 1, 1: 9, 2: [{**entry, 9: [1, {5: [b"x", True]}], 23: -5, 24: "later"}], 5: {1: [False, -9223372036854775808]}, 1000: b""})

bad("empty", "desired", b"")
bad("no map", "desired", enc([1]))
bad("cut off", "desired", enc(full)[:-1])
bad("trailing byte", "desired", enc(least) + b"\x00")
bad("major version 2", "desired", enc({**least, 0: 2}), "version")
bad("major version 0", "desired", enc({**least, 0: 0}), "version")
bad("major version 2, otherwise another document", "desired", enc({0: 2, 1: "text"}), "version")
bad("no version", "desired", enc({1: 1, 2: []}))
bad("version is a text", "desired", enc({**least, 0: "1"}))
bad("no generation", "desired", enc({0: 1, 2: []}))
bad("no capsules", "desired", enc({0: 1, 1: 1}))
bad("generation 0", "desired", enc({**least, 1: 0}))
bad("negative generation", "desired", enc({**least, 1: -1}))
bad("generation beyond 2^63 - 1", "desired", enc({**least, 1: 1 << 63}))
bad("9 capsules", "desired", enc({**least, 2: [{**entry, 1: "n" * (1 + i)} for i in range(9)]}))
bad("a name twice", "desired", enc({**least, 2: [entry, {**entry, 2: M2}]}))
bad("empty name", "desired", enc({**least, 2: [{**entry, 1: ""}]}))
bad("name of 65 bytes", "desired", enc({**least, 2: [{**entry, 1: "n" * 65}]}))
bad("name of bytes", "desired", enc({**least, 2: [{**entry, 1: b"fashion"}]}))
bad("no name", "desired", enc({**least, 2: [{k: entry[k] for k in (2, 3, 4, 5)}]}))
bad("no confirm", "desired", enc({**least, 2: [{k: entry[k] for k in (1, 2, 3, 4)}]}))
bad("digest of 31 bytes", "desired", enc({**least, 2: [{**entry, 2: M1[:31]}]}))
bad("digest of 33 bytes", "desired", enc({**least, 2: [{**entry, 2: M1 + b"x"}]}))
bad("manifest of 79 bytes", "desired", enc({**least, 2: [{**entry, 3: 79}]}))
bad("manifest of 1025 bytes", "desired", enc({**least, 2: [{**entry, 3: 1025}]}))
bad("mode 2", "desired", enc({**least, 2: [{**entry, 4: 2}]}))
bad("confirm 3", "desired", enc({**least, 2: [{**entry, 5: 3}]}))
bad("disagreements of more than 1000", "desired", enc({**least, 2: [{**entry, 7: {4: 1001}}]}))
bad("no error is a strike", "desired", enc({**least, 2: [{**entry, 7: {3: 0}}]}))
bad("rule of 2^31", "desired", enc({**least, 2: [{**entry, 7: {1: 1 << 31}}]}))
bad("9 deltas", "desired", enc({**least, 2: [{**entry, 8: [[M1, M2, M1, 100]] * 9}]}))
bad("delta of 3 items", "desired", enc({**least, 2: [{**entry, 8: [[M1, M2, M1]]}]}))
bad("delta of 16 MiB + 1", "desired", enc({**least, 2: [{**entry, 8: [[M1, M2, M1, (16 << 20) + 1]]}]}))
bad("registry of 257 bytes", "desired", enc({**least, 3: "https://" + "r" * 249}))
bad("time beyond 2^63 - 1", "desired", enc({**least, 4: 1 << 63}))
bad("8193 bytes", "desired", enc({**least, 9: b"x" * (8193 - len(enc({**least, 9: b"x" * 8000})) + 8000)}))

E1 = b"\xa4\x00\x01\x01\x01\x02\x80"  # map of 4: 0: 1, 1: 1, 2: [], and one more pair
bad("a key twice", "desired", E1 + b"\x02\x80")
bad("keys descend", "desired", b"\xa3\x00\x01\x02\x80\x01\x01")
bad("key is a text", "desired", E1 + b"\x61a\x01")
bad("key is negative", "desired", E1 + b"\x20\x01")
bad("integer not in its shortest form", "desired", b"\xa3\x00\x01\x01\x18\x01\x02\x80")
bad("length not in its shortest form", "desired", E1 + b"\x09\x58\x01x")
bad("map of indefinite length", "desired", b"\xbf\x00\x01\x01\x01\x02\x80\xff")
bad("array of indefinite length", "desired", b"\xa3\x00\x01\x01\x01\x02\x9f\xff")
bad("bytes of indefinite length", "desired", E1 + b"\x09\x5f\x41x\xff")
bad("null", "desired", E1 + b"\x09\xf6")
bad("undefined", "desired", E1 + b"\x09\xf7")
bad("float", "desired", E1 + b"\x09\xf9\x3c\x00")
bad("simple value 32", "desired", E1 + b"\x09\xf8\x20")
bad("tag", "desired", E1 + b"\x09\xc1\x01")
bad("reserved head 28", "desired", E1 + b"\x09\x1c")
bad("negative beyond -2^63", "desired", E1 + b"\x09\x3b\xff\xff\xff\xff\xff\xff\xff\xff")
bad("array of 2^32 items", "desired", E1 + b"\x09\x9b\x00\x00\x00\x01\x00\x00\x00\x00")
bad("array of more items than bytes", "desired", E1 + b"\x09\x99\x10\x00\x01")
bad("text beyond the end", "desired", E1 + b"\x09\x7a\xff\xff\xff\xff")
bad("text not UTF-8", "desired", E1 + b"\x09\x61\xff")
bad("text with a surrogate", "desired", E1 + b"\x09\x63\xed\xa0\x80")
bad("text in an overlong form", "desired", E1 + b"\x09\x62\xc0\xaf")
bad("text beyond U+10FFFF", "desired", E1 + b"\x09\x64\xf4\x90\x80\x80")
good("6 containers in one another", "desired", {**least, 9: [[[[[]]]]]})
bad("7 containers in one another", "desired", enc({**least, 9: [[[[[[]]]]]]}))

# ---- what devices say ----

good("here", "online", {0: 1, 1: True, 2: 3735928559})
good("gone (the will)", "online", {0: 1, 1: False, 2: 3735928559})
bad("neither", "online", enc({0: 1, 1: 1, 2: 5}))
bad("major version 2", "online", enc({0: 2, 1: True, 2: 5}), "version")

good("a board", "cap", {
    0: 1, 1: "virtual", 2: "host", 3: [1, 0], 4: [1, 2], 5: 5, 6: bytes(range(16)), 7: 0x80000001, 8: 262144, 9: 65536, 10: 16384, 11: 111000,
    12: 1048576, 13: 12, 14: sha("firmware")[:16], 15: "0.1.0", 16: "none", 17: 7})

good("nothing yet", "state", {
    0: 1, 1: 0, 2: 1, 3: 0, 4: 0, 5: 0, 6: 0, 7: [], 8: [], 9: [1048576, 0, 0, 1048576, 1044480, 1, 64], 10: [0, 0, 0], 11: [0, 0, 0, 0]})
good("two capsules, a refusal", "state", {
    0: 1, 1: 43, 2: 4000000000, 3: 86400, 4: 1790000000, 5: 1, 6: 7, 7: [
        {1: "fashion", 2: [[0, 5, 3, M1, 0, 0, 0, "1.0.0"], [1, 1, 4, M2, 0, 0, 0, "1.1.0"], [2, 7, 3, sha("manifest 0"), 0, 0, 0, ""]],
         3: [sha("manifest x"), 9, 3077], 4: [4096, 307200], 5: 0, 6: 3},
        {1: "kws", 2: [[1, 4, 1, sha("manifest k"), 11, 3, 2, "0.9"]], 5: 1, 6: 0}],
    8: [["anomaly", sha("manifest a"), 4, "arena: 38912 bytes needed, 31744 free"]],
    9: [1048576, 614400, 4096, 430080, 425984, 9, 64], 10: [2, 128, 42], 11: [75, 307200, 3, 1]})
bad("no capsules", "state", enc({0: 1, 1: 0, 2: 1, 3: 0, 4: 0, 5: 0, 6: 0}))

good("all of a blob", "want", {0: 1, 1: sha("blob"), 2: 10000, 3: 12, 4: b"\x07"})
good("some blocks, with a rate", "want", {0: 1, 1: sha("blob"), 2: 300000, 3: 10, 4: bytes(range(36)) + b"\x14", 5: 20000})
good("no longer wanted", "want", {0: 1, 1: sha("blob"), 2: 10000, 3: 12, 4: b""})
bad("bit map too short", "want", enc({0: 1, 1: sha("blob"), 2: 300000, 3: 10, 4: b"\xff" * 36}))
bad("bit map too long", "want", enc({0: 1, 1: sha("blob"), 2: 10000, 3: 12, 4: b"\x07\x00"}))
bad("a block beyond the end", "want", enc({0: 1, 1: sha("blob"), 2: 10000, 3: 12, 4: b"\x0f"}))
bad("513 blocks", "want", enc({0: 1, 1: sha("blob"), 2: 513 * 1024, 3: 10, 4: b"\xff" * 65}))
bad("k = 9", "want", enc({0: 1, 1: sha("blob"), 2: 512, 3: 9, 4: b"\x01"}))
bad("k = 16", "want", enc({0: 1, 1: sha("blob"), 2: 512, 3: 16, 4: b"\x01"}))
bad("0 bytes", "want", enc({0: 1, 1: sha("blob"), 2: 0, 3: 10, 4: b""}))

good("two entries", "log", {0: 1, 1: 77, 2: 5, 3: [[1500, 2, 1, "", "started: power"], [90000, 0, 12, "fashion", "refused: its answers differ"]]})
good("some were lost", "log", {0: 1, 1: 77, 2: 6, 3: [[95000 + i, 1, 15, "kws", "strike 1 of 3"] for i in range(32)], 4: 40})

good("a minute", "stats", {
    0: 1, 1: 77, 2: 120, 3: [["fashion", 0, 60, 1, 2000, 2047, 4100, 0, [10, 0, 50], 0, 0, 0], ["fashion", 1, 0, 0, 0, 0, 0, 1, [], 850, 2, 59]], 4: 4096})

good("a distributor", "presence", {0: 1, 1: "dist-1", 2: 1790000000123})
bad("a distributor with a slash", "presence", enc({0: 1, 1: "dist/1", 2: 1790000000123}))


# ---- frames ----

frames = []


def frame(index, k, blob, last=False, version=1, magic=0x42, size=None, crc_delta=0, data=None, flags=None):
    if data is None:
        data = blob[index << k:(index + 1) << k]
    header = struct.pack("<BBBBII", magic, version, k, int(last) if flags is None else flags, index, len(blob) if size is None else size)
    return header + struct.pack("<I", zlib.crc32(header + data) ^ crc_delta) + data


BLOB = bytes((7 * i + (i >> 8)) & 0xff for i in range(2500))
frame_blob = {"digest": "hex:" + hashlib.sha256(BLOB).hexdigest(), "bytes": len(BLOB), "k": 10, "made": "byte i is (7 i + floor(i / 256)) mod 256"}


def add_frame(name, data, says=None):
    frames.append({"name": name, **({"says": says} if says else {"refused": True}), "hex": data.hex()})


add_frame("the first block", frame(0, 10, BLOB), {"index": 0, "bytes": 1024, "last": False})
add_frame("the second block", frame(1, 10, BLOB), {"index": 1, "bytes": 1024, "last": False})
add_frame("the last block, which ends the pass", frame(2, 10, BLOB, last=True), {"index": 2, "bytes": 452, "last": True})
add_frame("beyond the end", frame(3, 10, BLOB, data=BLOB[:452]))
add_frame("index 2^32 - 1", frame(0xffffffff, 10, BLOB, data=BLOB[:452]))
add_frame("another version", frame(0, 10, BLOB, version=2))
add_frame("another magic", frame(0, 10, BLOB, magic=0x43))
add_frame("another k", frame(0, 11, BLOB))
add_frame("another size of the blob", frame(0, 10, BLOB, size=2501))
add_frame("wrong CRC", frame(0, 10, BLOB, crc_delta=1))
add_frame("unknown flag", frame(0, 10, BLOB, flags=2))
add_frame("a byte too short", frame(0, 10, BLOB)[:-1])
add_frame("a byte too long", frame(0, 10, BLOB) + b"\x00")
add_frame("short data with a right CRC", frame(0, 10, BLOB, data=BLOB[:1023]))
add_frame("long data with a right CRC", frame(2, 10, BLOB, data=BLOB[2048:] + b"\x00"))
add_frame("only a header", frame(0, 10, BLOB, data=b""))
add_frame("15 bytes", frame(0, 10, BLOB)[:15])
add_frame("empty", b"")


# ---- deltas ----

BASE = bytes((11 * i + (i >> 7)) & 0xff for i in range(3000))
TARGET = BASE[:1000] + b"inserted" * 20 + BASE[1200:3000] + BASE[5:6]
deltas = []


def varint(n):
    out = b""
    while True:
        out += bytes([n & 0x7f | (0x80 if n > 0x7f else 0)])
        n >>= 7
        if n == 0:
            return out


def copy(offset, length):
    return varint(length << 1) + varint(offset)


def insert(data):
    return varint(len(data) << 1 | 1) + data


OPS = [copy(0, 1000), insert(b"inserted" * 20), copy(1200, 1800), copy(5, 1)]


def delta(ops=None, base=BASE, target=TARGET, magic=b"NFRD", major=1, minor=0, reserved=0, reserved2=0, count=None, base_bytes=None, target_bytes=None, tail=b""):
    ops = OPS if ops is None else ops
    return (magic + struct.pack("<BBH", major, minor, reserved) + hashlib.sha256(base).digest() + hashlib.sha256(target).digest()
            + struct.pack("<IIII", len(base) if base_bytes is None else base_bytes, len(target) if target_bytes is None else target_bytes,
                          len(ops) if count is None else count, reserved2) + b"".join(ops) + tail)


def add_delta(name, data, is_good=False):
    deltas.append({"name": name, "good": is_good, "hex": data.hex()})


add_delta("copies and an insertion", delta(), True)
add_delta("all inserted", delta([insert(TARGET)]), True)
add_delta("a later minor version", delta(minor=3), True)
add_delta("another magic", delta(magic=b"NFRX"))
add_delta("major version 2", delta(major=2))
add_delta("reserved bytes", delta(reserved=1))
add_delta("reserved word", delta(reserved2=1))
add_delta("for another base", delta(base=BASE[:-1] + b"?"))
add_delta("for another target", delta(target=TARGET[:-1] + b"?"))
add_delta("no operations", delta([], count=0))
add_delta("fewer operations than it has", delta(count=3))
add_delta("more operations than it has", delta(count=5))
add_delta("65536 operations", delta(count=65536))
add_delta("copy beyond the base", delta([copy(0, 1000), insert(b"inserted" * 20), copy(1201, 1800), copy(5, 1)]))
add_delta("copy from far beyond the base", delta([copy(0xffffffff, 1000)] + OPS[1:]))
add_delta("copy of 2^34 bytes", delta([varint((1 << 34) | 0) + varint(0)] + OPS[1:]))
add_delta("operation of no bytes", delta([varint(0) + varint(0)] + OPS))
add_delta("insertion beyond the blob", delta([OPS[0], varint(5000 << 1 | 1) + b"short"]))
add_delta("too few bytes for the target", delta(OPS[:3]))
add_delta("too many bytes for the target", delta(OPS + [copy(0, 9)]))
add_delta("varint of 6 bytes", delta([b"\x80\x80\x80\x80\x80\x01" + varint(0)] + OPS[1:]))
add_delta("cut off in a varint", delta()[:-1])
add_delta("bytes behind the operations", delta(tail=b"\x00"))
add_delta("only a header", delta([], count=4))
add_delta("87 bytes", delta()[:87])
add_delta("other content of the right size", delta([OPS[0], insert(b"INSERTED" * 20)] + OPS[2:]))


def write(name, value):
    (HERE / name).write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


write("documents.json", documents)
write("frames.json", {"blob": frame_blob, "frames": frames})
write("deltas.json", {"base": "hex:" + BASE.hex(), "target": "hex:" + TARGET.hex(), "deltas": deltas})
