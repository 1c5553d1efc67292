#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test: C and C#, host and Cortex-M4.
#   bash test.sh            everything (fuzzers with a fixed number of executions)
#   bash test.sh --quick    under 3 minutes on two cores: leaves out what its last lines name
# Steps run side by side; each must leave no process and no temporary file behind. Logs: artifacts/test-results/. Last lines: "left out: N" with the reasons, then "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")" || exit 1
. scripts/tools.sh

quick=false
for argument in "$@"; do
  case $argument in
    --quick) quick=true ;;
    -h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "test.sh: unknown option '$argument' (--quick, --help)" >&2; exit 2 ;;
  esac
done

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 NO_COLOR=1
results=artifacts/test-results
rm -rf "$results" && mkdir -p "$results"

. scripts/steps.sh

# Each C test program is one of cmocka's; its tests are counted one by one. That each rule is needed is end-to-end/rules.sh's proof.
c_tests() {
  ctest --test-dir "$1" --output-on-failure -j"$(jobs_here)" -V -E _are_needed >"$1/ctest.log" 2>&1
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
  # Whoever started this shell in the background has SIGINT ignored; what is tested hears it.
  env --default-signal=INT,QUIT "artifacts/dotnet/bin/$name/release/$name" -noColor -xml "$xml" "$@"
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

printf ' %-34s %13s %10s %8s %8s\n' "" "" "" elapsed processor

# build <name> <command …>: in a process of its own; its line.
build() {
  local started=$SECONDS status
  "${@:2}"
  status=$?
  times >"$scratch/$1.times"
  printf ' %-34s %24s %6d s %6d s\n' "build: $1" "" $((SECONDS - started)) "$(processor_seconds "$scratch/$1.times")"
  return $status
}
firmware() { build_firmware host $($quick && echo --target nfr --target nfr-runner) && build_firmware host-asan "${SANITIZED[@]}"; }
build "C" firmware & c=$!
build "C#" build_dotnet & csharp=$!
wait $c && wait $csharp && bash scripts/install-tool.sh >/dev/null || { echo "0 passed, 1 failed"; exit 1; }

$quick && export NFR_QUICK=1 # scripts that are not long do less
filter=()
$quick && filter=(-trait- "Speed=long") && left_out+=("C# tests marked long: without --quick only")

# csharp <project>…, end_to_end <script>…: asks for those steps that were not asked for yet.
csharp() {
  local project
  for project; do ! [[ " ${step_names[*]} " = *" $project "* ]] && step "$project" "" csharp_tests "$project" "${filter[@]}"; done
}
end_to_end() {
  local name script
  for name; do
    script=tests/end-to-end/$name.sh
    [ "$name" != common ] && ! [[ " ${step_names[*]} " = *" $name "* ]] || continue
    if ! $quick || ! grep -q '^# speed: long' "$script"; then
      step "$name" "$(sed -nE 's/^# alone with: //p' "$script")" bash "$script"
    elif ! [[ " ${left_out[*]} " = *" $name.sh: "* ]]; then
      left_out+=("$name.sh: long, without --quick only")
    fi
  done
}

# The longest first, what goes into one build folder apart, and what waits for clocks and brokers beside what computes.
end_to_end budgets powerloss fleet rules
step "C (ASan, UBSan)" "" c_tests artifacts/firmware/host-asan
end_to_end fuzz cortex-m4 range
csharp NfRuntime.Model.Tests NfRuntime.Fleet.Tests NfRuntime.Cli.Tests
step "simulated histories" "" tests/simulate --histories "$($quick && echo 50 || echo 1000)"
$quick && left_out+=("simulated histories: 950 of 1,000: without --quick only")
csharp $(basename -a tests/*/*.Tests)
end_to_end $(basename -a -s .sh tests/end-to-end/*.sh)
run_steps $(($(jobs_here) + 1))

echo
echo "left out: ${#left_out[@]}"
for reason in "${left_out[@]}"; do echo "  $reason"; done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
