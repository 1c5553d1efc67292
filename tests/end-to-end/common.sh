# Sourced by the end-to-end scripts: the tool, the shared data, and counting.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. scripts/tools.sh
capsule=artifacts/capsule
shared=../shared
passed=0 failed=0
[ -x "$capsule" ] || bash scripts/install-tool.sh >/dev/null || { echo "artifacts/capsule could not be made"; exit 1; }

# check <what> <command …>: one test; its output is shown when it fails.
check() {
  local what=$1 output
  shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1)); echo "ok      $what"
  else
    failed=$((failed + 1)); echo "FAILED  $what"; sed 's/^/        /' <<<"$output"
  fi
}

# add_counts <what> <command …>: adds the command's own lines "N passed, N failed"; no such line, or no success, is a failure.
add_counts() {
  local what=$1 output status p f
  shift
  output=$("$@" 2>&1); status=$?
  read -r p f < <(awk '/^[0-9]+ passed, [0-9]+ failed/ { p += $1; f += $3 } END { print p + 0, f + 0 }' <<<"$output")
  if [ "$f" -eq 0 ] && { [ $status -ne 0 ] || [ "$p" -eq 0 ]; }; then f=1; fi
  passed=$((passed + p)) failed=$((failed + f))
  echo "$([ "$f" -eq 0 ] && echo 'ok     ' || echo FAILED) $what: $p passed, $f failed"
  [ "$f" -eq 0 ] || sed 's/^/        /' <<<"$output" | tail -n 20
}

# Without ../shared a script has nothing to test: it says so and passes with what it could do.
without_shared() {
  [ -d "$shared/models" ] && return 1
  echo "left out: ../shared is missing: $1"
}

# leave_out <what>: with --quick only; a script asks "if leave_out …; then" before what is long.
leave_out() {
  [ -n "${NFR_QUICK:-}" ] && echo "left out: $1: without --quick only"
}

finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
}
