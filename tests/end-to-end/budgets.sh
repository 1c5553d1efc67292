# speed: long
# alone with: artifacts/firmware/m4
# What each shared model costs on the Cortex-M4 against tests/benchmarks/budgets.csv, and that a regression is seen; the
# static bound of the stack; the trace hook is nothing where it is off.
. "$(dirname "$0")/common.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# step.c with the hook's lines taken out gives the same bytes of code and data as step.c.
trace_is_nothing() {
  local flags=(-mcpu=cortex-m4 -mthumb -O2 -std=c11 -fno-strict-aliasing -Ifirmware -Ifirmware/engine)
  grep -vE 'NFR_TRACE_|nfr_trace\.h' firmware/engine/step.c >"$work/without.c"
  [ "$(grep -c NFR_TRACE_ firmware/engine/step.c)" -eq 2 ] || return 1
  local name source
  for name in with without; do
    source=firmware/engine/step.c
    [ $name = with ] || source=$work/without.c
    arm-none-eabi-gcc "${flags[@]}" -c "$source" -o "$work/$name.o" && arm-none-eabi-objcopy -O binary "$work/$name.o" "$work/$name.bin" &&
      arm-none-eabi-nm "$work/$name.o" | awk '{ print $NF }' >"$work/$name.symbols" || return 1
  done
  [ -s "$work/with.bin" ] && cmp "$work/with.bin" "$work/without.bin" && cmp "$work/with.symbols" "$work/without.symbols" || return 1
  arm-none-eabi-gcc "${flags[@]}" -DNFR_TRACE -c firmware/engine/step.c -o "$work/on.o" && arm-none-eabi-nm "$work/on.o" | grep -q 'U nfr_trace_begin'
}
check "the trace hook takes no byte where it is off" trace_is_nothing

# What the bound of the stack must not count as nothing.
cat >"$work/stack.c" <<'EOF'
__attribute__((naked)) void assembly(void) { __asm__("push {r4-r7, lr}\n\tsub sp, #12\n\tvpush {d8-d9}\n\tvpop {d8-d9}\n\tadd sp, #12\n\tpop {r4-r7, pc}"); }
__attribute__((naked)) void grows(void) { __asm__("1: push {r0}\n\tsubs r0, #1\n\tbne 1b\n\tbx lr"); }
__attribute__((naked)) void moves(void) { __asm__("mov sp, r0\n\tbx lr"); }
__attribute__((naked)) void by_register(void) { __asm__("sub sp, sp, r0\n\tbx lr"); }
__asm__(".text\n.thumb\nunnamed: push {r4-r7}\n\tpop {r4-r7}\n\tbx lr\n");
void calls_unnamed(void) { __asm__("push {lr}\n\tbl unnamed\n\tpop {lr}"); }
void recurses(void) { __asm__("push {lr}\n\tbl recurses\n\tpop {lr}"); }
EOF
stack_is_known() {
  arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard -O2 -nostdlib -Wl,-e,assembly "$work/stack.c" -o "$work/stack.elf" || return 1
  local function bound
  bound=$(tests/bench stack --elf "$work/stack.elf" --function assembly) && [ "$bound" = 48 ] || { echo "assembly: $bound"; return 1; }
  for function in grows moves by_register calls_unnamed:unnamed recurses; do
    ! bound=$(tests/bench stack --elf "$work/stack.elf" --function "${function%:*}" 2>&1) && grep -qF "${function#*:}" <<<"$bound" || { echo "$function: $bound"; return 1; }
  done
}
check "stack: assembly is counted, and what has no bound is refused by name" stack_is_known

# No slice of 1,000 generated plans is above 1.25 budgets; half a minute on two cores, and no more than five.
add_counts "slices" timeout 300 tests/bench slices

if ! without_shared "budgets of the shared models"; then
  add_counts "budgets" tests/bench budgets
  # A capsule that names no stack asks for this much; a slice of every operator fits in it.
  default_stack=$(grep -oE 'DefaultStackBytes = [0-9]+' host-tools/NfRuntime.Cli/Projects/CapsuleProject.cs | grep -oE '[0-9]+')
  add_counts "stack: bounds and painting" tests/bench stack --limit "${default_stack:?}"
  # A budget 2 % below what it takes now.
  hello=$shared/models/hello_world_int8.tflite
  regression_is_seen() {
    tests/bench budgets --model "$hello" --file "$work/now.csv" --update &&
      awk -F, -v OFS=, 'NR > 1 { $3 = int($3 * 0.98) } { print }' "$work/now.csv" >"$work/tight.csv" || return 1
    tests/bench budgets --model "$hello" --file "$work/tight.csv" >"$work/log" && return 1
    cat "$work/log"
    grep -qE '^FAILED +hello_world_int8 +m4 +instructions' "$work/log" && grep -q '^6 passed, 1 failed$' "$work/log"
  }
  check "a regression of 2 % fails" regression_is_seen
fi
finish
