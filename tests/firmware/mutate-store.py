#!/usr/bin/env python3
"""The power-cut scenarios catch a store that is wrong: one line of it is changed at a time, and a short run has to fail.

usage: mutate-store.py [--only WORD]

Each change is a pattern that must stand exactly once in its file, so that the list follows the code. Prints for each change which
scenario caught it after how many cuts; last line "N passed, N failed".
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "artifacts/firmware/mutations"
STORE = ROOT / "firmware/store"

# What is done wrong, file, what stands there, what stands there instead.
MUTATIONS = [
    ("the seal is programmed before its record", "journal.c",
     "  int err = put(store, &item, change->content);\n  if (err) return err;\n  err = put_seal(store);\n  if (err) return err;\n",
     "  int err = put_seal(store);\n  if (err) return err;\n  at = store->position;\n  err = put(store, &item, change->content);\n"
     "  if (err) return err;\n  item.end = store->position;\n  move_link(store);\n"),
    ("a last record without seal is not written again", "mount.c",
     "while (err == NFR_OK && pending.is_there && !settle(store, &pending) && --tries != 0);",
     "while (err != NFR_OK && !settle(store, &pending) && --tries != 0 && false);"),
    ("a block of an earlier boot is written on", "mount.c",
     "  if (err == NFR_OK && pending.proof != 0) prove(store, &pending);\n",
     "  if (err == NFR_OK && pending.proof != 0) prove(store, &pending);\n  if (err == NFR_OK && !store->is_open) store->is_open = true, "
     "store->position = store->link.end, store->block_sequence = store->link.sequence;\n"),
    ("a record's CRC is not checked", "journal_block.c", " != item->crc) return NFR_ERR_CORRUPT;",
     " == 0x5eed) return NFR_ERR_CORRUPT;"),
    ("a snapshot counts without a seal", "journal_walk.c", "if (end_is_last && !walk.is_sealed) return NFR_ERR_EMPTY;",
     "(void)end_is_last;"),
    ("a snapshot that counts by one seal is not made sure of", "mount.c", "pending.proof != 0) prove(", "pending.proof == 1) prove("),
    ("a record that is settled is not in the snapshot", "journal.c",
     "if (is_snapshot_due(store)) return take_snapshot(store, &change);",
     "if (is_snapshot_due(store)) { int first = take_snapshot(store, NULL); if (first) return first; continue; }"),
    ("the old chain is erased before the snapshot is written", "journal.c",
     "    int err = write_snapshot(store, change);\n",
     "    if (old.block != NFR_STORE_NONE && store->chain == bit(old.block)) erase(store, old.block);\n"
     "    int err = write_snapshot(store, change);\n"),
    ("no reserve is kept for a snapshot", "journal.c", "count_of(candidates(store)) <= snapshot_blocks(store, store->block_bytes)",
     "count_of(candidates(store)) == 0"),
    ("a store of version 1 is continued in place", "journal.c", "store->version != NFR_STORE_VERSION ||\n", "\n"),
    ("blocks are erased after the blob's record, not before", "move.c",
     "  if (store->job.at >= store->job.end) return store->job.phase == NFR_PHASE_NEW ? nfr_begin_commit(store) : record_copy(store);\n",
     "  if (store->job.phase == NFR_PHASE_NEW && store->writer.slot == NFR_STORE_NONE) {\n    int first = nfr_begin_commit(store);\n"
     "    if (first) return first;\n  }\n"
     "  if (store->job.at >= store->job.end) return store->job.phase == NFR_PHASE_NEW ? NFR_OK : record_copy(store);\n"),
    ("the first block of an extent is not erased", "space.c", "  store->job.at = (offset + size - 1) / size;\n",
     "  store->job.at = (offset + size - 1) / size + 1;\n"),
    ("a copy is programmed before its record", "move.c",
     "  err = nfr_blob_commit_copy(store, store->job.slot, &blob, bits, store->job.offset);\n", ""),
    ("compaction gives the old extent up before the copy is written", "move.c",
     "  err = nfr_blob_commit_copy(store, store->job.slot, &blob, bits, store->job.offset);\n",
     "  blob.offset = store->job.offset;\n  err = nfr_blob_commit(store, store->job.slot, &blob, bits);\n"),
    ("the frontier stays before a new extent", "begin.c",
     "  store->frontier = blob.offset + nfr_extent_bytes(blob.bytes);\n", "  store->frontier = blob.offset;\n"),
    ("chunks are saved before they are programmed", "write.c",
     "  if (nfr_blob_program(store, writer->offset + at, data, bytes) != NFR_OK) return give_up(store);\n  nfr_bit_set(writer->bits, chunk);\n"
     "  writer->unsaved++;\n",
     "  nfr_bit_set(writer->bits, chunk);\n  writer->unsaved++;\n  int early = nfr_store_sync(store);\n  if (early) return early;\n"
     "  if (nfr_blob_program(store, writer->offset + at, data, bytes) != NFR_OK) return give_up(store);\n"),
    ("a half-written blob is continued in place where units are written once", "begin.c",
     "  if (store->config->blobs->rewrites) {\n", "  if (store->config->blobs->bytes != 0) {\n"),
]

FLAGS = ["-std=c11", "-O1", "-w", "-fno-strict-aliasing", f"-I{ROOT}/firmware", f"-I{STORE}", f"-I{ROOT}/firmware/port/host",
         f"-I{ROOT}/firmware/port/mbedtls"]


def compile_file(source, target):
    subprocess.run(["cc", *FLAGS, "-c", str(source), "-o", str(target)], check=True)
    return target


def base_objects():
    """All that the program is made of, by source name."""
    sources = [*STORE.glob("*.c"), *(ROOT / "firmware/port/host").glob("*.c"), ROOT / "firmware/port/mbedtls/crypto.c",
               *(ROOT / "tests/firmware/store").glob("powerloss*.c"), ROOT / "tests/firmware/store/journal_image.c"]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {s: pool.submit(compile_file, s, WORK / f"{s.parent.name}-{s.stem}.o") for s in sources}
        return {source: job.result() for source, job in jobs.items()}


def run(objects, name):
    """Exit code and output of the short run."""
    program = WORK / name
    subprocess.run(["cc", *map(str, objects), "-lmbedcrypto", "-o", str(program)], check=True)
    try:
        done = subprocess.run([str(program), "--mutations"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=240)
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        return None, ""


def mutate(number, mutation, objects):
    what, file, old, new = mutation
    source = STORE / file
    text = source.read_text()
    if text.count(old) != 1:
        return False, f"{what}: the line stands {text.count(old)} times in {file}"
    copy = WORK / f"{number}-{file}"
    copy.write_text(text.replace(old, new))
    changed = dict(objects)
    changed[source] = compile_file(copy, copy.with_suffix(".o"))
    code, output = run(changed.values(), f"mutation-{number}")
    caught = re.search(r"^caught by (.*)$", output, re.MULTILINE)
    if code == 1 and caught:
        return True, f"{what:70} {caught.group(1)}"
    cuts = re.search(r"^(\d+) cuts", output, re.MULTILINE)
    return False, f"{what:70} NOBODY NOTICES ({cuts.group(1) if cuts else 'no'} cuts, exit code {code})"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="mutations with this in their name")
    args = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    objects = base_objects()
    code, output = run(objects.values(), "unchanged")
    if code != 0:
        print(output + "the store as it is fails\n0 passed, 1 failed")
        return 1
    passed = failed = 0
    for number, mutation in enumerate(MUTATIONS):
        if args.only not in mutation[0]:
            continue
        is_caught, line = mutate(number, mutation, objects)
        print(line, flush=True)
        passed, failed = passed + is_caught, failed + (not is_caught)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
