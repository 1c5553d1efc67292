# alone with: artifacts/firmware/m4
# Kernels of ARMv7E-M against the reference evaluator, over generated operators: on this machine with their instructions in
# C, under ASan and UBSan; and on the emulated Cortex-M4, where they are also held against the portable kernels with every
# operand at the edge of what may be touched, and at every alignment. With --quick fewer, and on this machine only.
. "$(dirname "$0")/common.sh"
tests=artifacts/dotnet/bin/NfRuntime.Model.Tests/release/NfRuntime.Model.Tests
class=NfRuntime.Model.Tests.Kernels.KernelTests

# kernels <method> <operators>: the line with the counts; none, and the test has failed.
kernels() {
  NFR_TEST_ITERATIONS=$2 "$tests" -noColor -explicit only -method "$class.$1" -showLiveOutput >"$log" 2>&1
  local status=$?
  grep -oE '[a-z0-9-]+(, instructions in C)?: [0-9]+ operators bit-exact.*' "$log" && [ $status -eq 0 ] || { grep -v ' at ' "$log"; return 1; }
}

# guarded <build folder> <operators>
guarded() {
  qemu-system-arm -M mps2-an386 -cpu cortex-m4 -nographic -monitor none -serial none -kernel "artifacts/firmware/$1/nfr-kernels.elf" \
    -semihosting-config enable=on,target=native,arg=nfr-kernels,arg=1,arg="$2" </dev/null >"$log" 2>&1 || { cat "$log"; return 1; }
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
emulated=10000
[ -z "${NFR_QUICK:-}" ] || emulated=1000
check "build with instructions in C" build_firmware host-asan --target nfr-runner-armv7em "${SANITIZED[@]}"
show() { check "$1" "${@:2}"; grep -oE '[0-9]+ operators bit-exact.*' "$log"; }
show "kernels of ARMv7E-M, instructions in C" kernels Emulated_instructions_compute_what_the_reference_does $emulated
if ! leave_out "9,000 of 10,000 generated operators, and all on the Cortex-M4"; then
  check "build for the Cortex-M4F" build_firmware m4 --target nfr-runner.elf "${CORTEX_M4[@]}"
  show "kernels of ARMv7E-M on the Cortex-M4" kernels The_Cortex_M4_computes_what_the_reference_does 10000
  check "build of the guarded kernels" build_firmware m4 --target nfr-kernels.elf "${CORTEX_M4[@]}"
  check "guarded kernels on the Cortex-M4" guarded m4 20000
  cat "$log"
  # What is kept in the FPU's registers is kept elsewhere where there is none.
  check "build of the guarded kernels without FPU" build_firmware m4-soft --target nfr-kernels.elf "${CORTEX_M4[@]}" \
    -DCMAKE_C_FLAGS='-mcpu=cortex-m4 -mthumb -mfloat-abi=soft'
  check "guarded kernels on the Cortex-M4 without FPU" guarded m4-soft 5000
  cat "$log"
fi
finish
