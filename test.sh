#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test: C and C#, host and Cortex-M4.
#   bash test.sh            everything (fuzzers with a fixed number of executions)
#   bash test.sh --quick    under 3 minutes: leaves out what is marked long, the fuzzers, the rule mutations and the emulated core
# Logs: artifacts/test-results/. Last lines: "left out: N" with the reasons, then "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")" || exit 1
. scripts/tools.sh

quick=false
for argument in "$@"; do
  case $argument in
    --quick) quick=true ;;
    -h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "test.sh: unknown option '$argument' (--quick, --help)" >&2; exit 2 ;;
  esac
done

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 NO_COLOR=1
results=artifacts/test-results
rm -rf "$results" && mkdir -p "$results"
passed=0 failed=0
left_out=()

# count <name> <seconds> <passed> <failed>: one line a step, added to the totals.
count() {
  passed=$((passed + $3)) failed=$((failed + $4))
  printf ' %-34s %5d passed %3d failed %6d s\n' "$1" "$3" "$4" "$2"
}

# A step that prints "N passed, N failed" as its last such line, and "left out: reason" for each thing it could not do.
# A step that prints neither, or fails without a failed test, counts as one failure: nothing passes by not running.
step() {
  local name=$1 started=$SECONDS status line p f reason
  shift
  local log="$results/${name//[^A-Za-z0-9._-]/-}.log"
  "$@" >"$log" 2>&1
  status=$?
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
  p=$(sed -E 's/^([0-9]+) passed.*/\1/' <<<"$line") f=$(sed -E 's/.*, ([0-9]+) failed.*/\1/' <<<"$line")
  p=${p:-0} f=${f:-0}
  if [ "$f" -eq 0 ] && { [ $status -ne 0 ] || [ -z "$line" ] || [ "$p" -eq 0 ]; }; then f=1; fi
  while IFS= read -r reason; do left_out+=("$name: ${reason#left out: }"); done < <(grep -E '^left out: ' "$log")
  count "$name" $((SECONDS - started)) "$p" "$f"
  [ "$f" -eq 0 ] || { echo "--- $log"; grep -vE '^ +at |^$' "$log" | tail -n 25; echo "---"; }
}

# Each C test program is one of cmocka's; its tests are counted one by one.
c_tests() {
  ctest --test-dir "$1" --output-on-failure -j"$(jobs_here)" -V >"$1/ctest.log" 2>&1
  local status=$?
  local p f
  p=$(grep -cE '\[ +OK +\]' "$1/ctest.log") f=$(grep -cE '\[ +FAILED +\] [a-zA-Z_]+$' "$1/ctest.log")
  grep -E '^[0-9]+: left out: ' "$1/ctest.log" | sed -E 's/^[0-9]+: //'
  grep -E '\*\*\*|\[ +FAILED|ERROR|runtime error' "$1/ctest.log"
  [ $status -eq 0 ] || [ "$f" -gt 0 ] || f=1
  echo "$p passed, $f failed"
}

# An xunit.v3 test program; skipped tests are what was left out.
csharp_tests() {
  local name=$1 xml="$results/$1.xml"
  shift
  "artifacts/dotnet/bin/$name/release/$name" -noColor -xml "$xml" "$@"
  grep -oE '<reason>(<!\[CDATA\[)?[^]<]+' "$xml" | sed -E 's/<reason>(<!\[CDATA\[)?/left out: /' | sort | uniq -c | sed -E 's/^ *([0-9]+) left out: (.*)/left out: \2 (\1 tests)/'
  local totals
  totals=$(grep -oE '<assembly [^>]*>' "$xml" | head -n 1)
  local p f e
  p=$(sed -E 's/.* passed="([0-9]+)".*/\1/' <<<"$totals") f=$(sed -E 's/.* failed="([0-9]+)".*/\1/' <<<"$totals") e=$(sed -E 's/.* errors="([0-9]+)".*/\1/' <<<"$totals")
  echo "${p:-0} passed, $((${f:-1} + ${e:-0})) failed"
}

need_build_tools
need_test_tools
install_needed

started=$SECONDS
build_firmware host && build_firmware host-asan -DNFR_SANITIZE=address,undefined -DNFR_OPTIMIZE=-O1 && build_dotnet || { echo "0 passed, 1 failed"; exit 1; }
printf ' %-34s %27s %6d s\n' build "" $((SECONDS - started))

$quick && export NFR_QUICK=1 # scripts that are not long do less
step "C (ASan, UBSan)" c_tests artifacts/firmware/host-asan
filter=()
$quick && filter=(-trait- "Speed=long")
for project in NfRuntime.Model.Tests NfRuntime.Images.Tests NfRuntime.Cli.Tests NfRuntime.Runtime.Tests NfRuntime.Agent.Tests NfRuntime.Agent.M2Mqtt.Tests NfRuntime.Fleet.Tests NfRuntime.VirtualDevice.Tests; do
  step "$project" csharp_tests "$project" "${filter[@]}"
done

step "simulated histories" tests/simulate --histories "$($quick && echo 100 || echo 1000)"

for script in tests/end-to-end/*.sh; do
  [ "$(basename "$script")" != common.sh ] || continue
  [ -e "$script" ] || continue
  if $quick && grep -q '^# speed: long' "$script"; then
    left_out+=("$(basename "$script"): long, without --quick only")
  else
    step "$(basename "$script" .sh)" bash "$script"
  fi
done
$quick && left_out+=("C# tests marked long: without --quick only")

echo
echo "left out: ${#left_out[@]}"
for reason in "${left_out[@]}"; do echo "  $reason"; done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
