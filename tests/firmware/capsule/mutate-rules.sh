#!/usr/bin/env bash
# Each rule of manifest, key list, sections, vectors, labels, processing and facade is switched off once, and a test must
# fail. Builds artifacts/firmware/host.
set -euo pipefail
cd "$(dirname "$0")/../../.."
build=artifacts/firmware/host
. scripts/tools.sh
build_firmware host
for rules in M:capsule:manifest K:capsule:key_list S:capsule:content G:capsule:content L:capsule:content \
             P:capsule:process F:interop:native; do
  IFS=: read -r prefix room test <<<"$rules"
  python3 tests/firmware/mutate-rules.py --prefix "$prefix" --source "firmware/$room" --spec firmware/capsule/SPEC.md \
    "$build/tests/capsule/capsule_${test}_test"
done
