#!/usr/bin/env bash
# Each rule of the plan's validator is switched off once, and a test must fail. Builds artifacts/firmware/host.
set -euo pipefail
cd "$(dirname "$0")/../../.."
build=artifacts/firmware/host
. scripts/tools.sh
build_firmware host
exec python3 tests/firmware/mutate-rules.py --prefix V --source firmware/engine --spec firmware/engine/SPEC.md \
  $build/tests/engine/engine_frame_test $build/tests/engine/ops/op_rules_test $build/tests/engine/chain/chain_rules_test
