#!/usr/bin/env python3
"""Every numbered rule of a validator is needed: with the rule disabled, a test fails.

usage: mutate-rules.py --prefix V [--range 1-39] --source firmware/engine --spec firmware/engine/SPEC.md TEST...

TEST are executables built with NFR_RULE_HOOK (firmware/rule.h) and rule_hook.c, which reads NFR_DISABLED_RULE. Also checks
that each rule stands in one place of the code, and that the table of the SPEC has the same rules as the code.
"""
import argparse
import collections
import os
import pathlib
import re
import subprocess
import sys


def within(rule, span):
    first, last = span
    return first <= int(rule.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) <= last


def rules_in_code(folder, prefix, span):
    places = collections.defaultdict(list)
    for path in sorted(pathlib.Path(folder).rglob("*.[ch]")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for rule in re.findall(rf"NFR_RULE\(({prefix}\d+),", line):
                if not within(rule, span):
                    continue
                places[rule].append(f"{path.relative_to(folder)}:{number}")
    return places


def rules_in_spec(path, prefix, span):
    rules = re.findall(rf"^\| ({prefix}\d+) \|", pathlib.Path(path).read_text(), re.MULTILINE)
    return [rule for rule in rules if within(rule, span)]


def outcome(test, rule):
    """How a test ends with a rule disabled (none: None): '' when it passes."""
    env = dict(os.environ)
    env.pop("NFR_DISABLED_RULE", None)
    if rule:
        env["NFR_DISABLED_RULE"] = rule
    try:
        done = subprocess.run([test], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    except subprocess.TimeoutExpired:
        return "hangs"
    if done.returncode == 0:
        return ""
    return "crashes" if done.returncode < 0 else "fails"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--range", default="0-999", help="the numbers that TEST covers")
    parser.add_argument("--source", required=True)
    parser.add_argument("--spec", required=True)
    parser.add_argument("tests", nargs="+")
    args = parser.parse_args()
    span = tuple(int(number) for number in args.range.split("-"))
    places = rules_in_code(args.source, args.prefix, span)
    wrong = 0

    for rule, where in sorted(places.items()):
        if len(where) > 1:
            print(f"{rule}: in {len(where)} places: {', '.join(where)}")
            wrong += 1
    spec = rules_in_spec(args.spec, args.prefix, span)
    for rule in sorted(set(spec) ^ set(places)) + sorted(r for r in set(spec) if spec.count(r) > 1):
        print(f"{rule}: {'in the SPEC only' if rule not in places else 'in the code only' if rule not in spec else 'twice in the SPEC'}")
        wrong += 1

    for test in args.tests:
        if outcome(test, None):
            print(f"{test} fails with every rule enabled")
            return 1
    for rule, where in sorted(places.items()):
        seen = [f"{pathlib.Path(test).name} {how}" for test in args.tests if (how := outcome(test, rule))]
        print(f"{rule}  {where[0]:28} {', '.join(seen) if seen else 'NOBODY NOTICES'}")
        wrong += not seen
    print(f"{len(places) - min(wrong, len(places))} passed, {wrong} failed")
    return 1 if wrong or not places else 0


if __name__ == "__main__":
    sys.exit(main())
