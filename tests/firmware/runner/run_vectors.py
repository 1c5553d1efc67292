#!/usr/bin/env python3
"""Runs tests/vectors/plan by the runner of the host and of the Cortex-M4 under QEMU, and compares the output bytes.

usage: run_vectors.py    in the repository's root. Builds what is missing; last line: "N passed, N failed".
"""
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

OP_CRCS, OUTPUTS, STACK = 1, 2, 4


def job(plan, cases):
    head = b"NFRJ" + struct.pack("<5I", 1, OUTPUTS | STACK, 0, 0, len(plan)) + plan
    body = [struct.pack("<II", i == 0, len(case)) + case for i, case in enumerate(cases)]
    return head + struct.pack("<I", len(cases)) + b"".join(body)


def outputs(result):
    """The output of each case, the bytes of struct nfr_engine, and the deepest stack."""
    magic, version, error = struct.unpack_from("<4sIi", result)
    if (magic, version, error) != (b"NFRR", 1, 0):
        raise ValueError(f"load error {error}")
    _, _, _, context, size, count = struct.unpack_from("<6I", result, 12)
    at, found, deepest = 36, [], 0
    for _ in range(count):
        error, _, stack = struct.unpack_from("<iII", result, at)
        if error:
            raise ValueError(f"error {error} of a case")
        found.append(result[at + 16 : at + 16 + size])
        deepest = max(deepest, stack)
        at += 16 + size
    return found, context, deepest


def on_host(data):
    runner = "artifacts/firmware/host/nfr-runner"
    return subprocess.run([runner], input=data, stdout=subprocess.PIPE, check=True, timeout=60).stdout


def on_m4(data):
    with tempfile.TemporaryDirectory() as folder:
        files = pathlib.Path(folder, "job"), pathlib.Path(folder, "result")
        files[0].write_bytes(data)
        arguments = ",".join(f"arg={name}" for name in ["nfr-runner", *map(str, files)])
        subprocess.run(
            ["qemu-system-arm", "-M", "mps2-an386", "-cpu", "cortex-m4", "-nographic", "-monitor", "none", "-serial", "none",
             "-semihosting-config", f"enable=on,target=native,{arguments}", "-kernel", "artifacts/firmware/m4/nfr-runner.elf"],
            check=True, timeout=120, stdin=subprocess.DEVNULL)
        return files[1].read_bytes()


def build(name, target, options=""):
    subprocess.run(["bash", "-c", f". scripts/tools.sh && build_firmware {name} --target {target} {options}"], check=True)


def main():
    build("host", "nfr-runner")
    cores = {"host": on_host}
    missing = [tool for tool in ("arm-none-eabi-gcc", "qemu-system-arm") if shutil.which(tool) is None]
    if missing:
        print(f"left out: vectors on the Cortex-M4, since {' and '.join(missing)} is missing")
    else:
        build("m4", "nfr-runner.elf", '"${CORTEX_M4[@]}"')
        cores["m4"] = on_m4

    passed = failed = 0
    for path in sorted(pathlib.Path("tests/vectors/plan").glob("*.json")):
        vector = json.loads(path.read_text())
        data = job((path.parent / vector["plan"]).read_bytes(), [bytes.fromhex(case["input_hex"]) for case in vector["cases"]])
        expected = [bytes.fromhex(case["output_hex"]) for case in vector["cases"]]
        for core, run in cores.items():
            try:
                found, context, stack = outputs(run(data))
                verdict = "ok    " if found == expected else "FAILED"
                numbers = f"context {context} B" + (f", stack {stack} B" if stack else "")
            except (ValueError, struct.error, subprocess.SubprocessError) as problem:
                verdict, numbers = "FAILED", str(problem)
            passed, failed = passed + (verdict != "FAILED"), failed + (verdict == "FAILED")
            print(f"{verdict} {path.stem:12} {core:5} {numbers}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
