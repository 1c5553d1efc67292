# Sourced by test.sh: steps run side by side, each with a temporary folder of its own; what each counts, takes and leaves behind.
# Needs tools.sh and $results, a folder for logs. Job control is on: a shell without it starts what is in the background with SIGINT ignored.
set -m
passed=0 failed=0
left_out=()
step_names=() step_groups=() step_commands=()
declare -A running=() # process of a step -> its number

# Everything temporary of this run. Short: sockets lie below it, and their paths end at 108 bytes.
scratch=$(mktemp -d -t nfr-XXXXXX)

end_everything() {
  local pid
  for pid in "${!running[@]}"; do kill -- "-$pid" 2>/dev/null; done # each is a process group
  end_marked "NFR_STEP=$scratch/" >/dev/null
  rm -rf "$scratch"
}
trap end_everything EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# step <name> <group> <command …>: asks for a step. Steps of one group do not run at the same time ("": of none).
step() {
  step_names+=("$1") step_groups+=("$2")
  shift 2
  step_commands+=("$(printf '%q ' "$@")")
}

# Files and processes that a step left: each a line. What the runtime of a killed .NET process leaves is no test's.
left_behind() {
  local wait
  export -n TMPDIR NFR_STEP # what looks is no process of the step
  for wait in $(seq 20); do [ -n "$(marked "NFR_STEP=$NFR_STEP")" ] || break; sleep 0.1; done # one may be ending
  find "$TMPDIR" -mindepth 1 -maxdepth 1 ! -name 'clr-debug-pipe-*' ! -name 'dotnet-diagnostic-*' ! -name .dotnet -printf 'left behind: %f in its temporary folder\n'
  end_marked "NFR_STEP=$NFR_STEP" | sed 's/^/left behind: process /'
}

# In a process of its own. A command prints "N passed, N failed" as its last such line, and "left out: reason" for each thing it could not
# do. One that prints neither, or fails without a failed test, or leaves something behind, is one failure more: nothing passes by not running.
run_step() {
  local number=$1 started=$SECONDS status line p f remains name=${step_names[$1]}
  local file=$results/${name//[^A-Za-z0-9._-]/-}
  export TMPDIR=$scratch/$number NFR_STEP=$scratch/$number/
  mkdir "$TMPDIR"
  eval "${step_commands[$number]}" >"$file.log" 2>&1 </dev/null
  status=$?
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$file.log" | tail -n 1)
  p=$(sed -E 's/^([0-9]+) passed.*/\1/' <<<"$line") f=$(sed -E 's/.*, ([0-9]+) failed.*/\1/' <<<"$line")
  p=${p:-0} f=${f:-0}
  if [ "$f" -eq 0 ] && { [ $status -ne 0 ] || [ -z "$line" ] || [ "$p" -eq 0 ]; }; then f=1; fi
  remains=$(left_behind)
  [ -z "$remains" ] || { echo "$remains" >>"$file.log"; f=$((f + 1)); }
  times >"$file.times"
  echo "$p $f $((SECONDS - started)) $(processor_seconds "$file.times")" >"$scratch/$number.counts"
  rm -rf "$TMPDIR"
}

# User and system time of a shell's children, in seconds: what `times` says in its second line.
processor_seconds() { sed -n 2p "$1" | tr 'ms' '  ' | awk '{ printf "%d", $1 * 60 + $2 + $3 * 60 + $4 + 0.5 }'; }

# report <number>: the step's line, and the end of its log when it failed.
report() {
  local p f seconds processor reason name=${step_names[$1]}
  local log=$results/${name//[^A-Za-z0-9._-]/-}.log
  read -r p f seconds processor <"$scratch/$1.counts" || { p=0 f=1 seconds=0 processor=0; }
  passed=$((passed + p)) failed=$((failed + f))
  while IFS= read -r reason; do left_out+=("$name: ${reason#left out: }"); done < <(grep -E '^left out: ' "$log")
  printf ' %-34s %5d passed %3d failed %6d s %6d s\n' "$name" "$p" "$f" "$seconds" "$processor"
  [ "$f" -eq 0 ] || { echo "--- $log"; grep -vE '^ +at |^$' "$log" | tail -n 25; echo "---"; }
}

reap() {
  local pid=0
  wait -n -p pid "${!running[@]}" 2>/dev/null
  [ -n "${running[$pid]:-}" ] || return
  report "${running[$pid]}"
  unset "running[$pid]"
}

# group_is_free <group>
group_is_free() {
  local number
  [ -n "$1" ] || return 0
  for number in "${running[@]}"; do [ "${step_groups[$number]}" != "$1" ] || return 1; done
}

# Runs every step that was asked for, as many at a time as are given, in the order in which they were asked for.
run_steps() {
  local lanes=$1 number waiting=("${!step_names[@]}") rest began
  while [ ${#waiting[@]} -gt 0 ] || [ ${#running[@]} -gt 0 ]; do
    rest=() began=false
    for number in "${waiting[@]}"; do
      if [ ${#running[@]} -lt "$lanes" ] && group_is_free "${step_groups[$number]}"; then
        run_step "$number" &
        running[$!]=$number began=true
      else
        rest+=("$number")
      fi
    done
    waiting=("${rest[@]}")
    $began || reap
  done
}
