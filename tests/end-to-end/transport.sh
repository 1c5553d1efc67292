# speed: long. Bytes on the wire of updates on a real broker, against the bars: tests/bench transport with fewer devices.
. "$(dirname "$0")/common.sh"
if ! [ -d ../shared/models ]; then
  echo "left out: ../shared/models is missing: bytes on the wire"
  check "tests/bench transport --help" tests/bench transport --help
  finish
  exit
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
bars() { tests/bench transport --devices 40 --check >"$log" 2>&1; }
check "bytes within the bars" bars
cat "$log"
check "the four bars were compared" test "$(grep -c ' x  bar ' "$log")" -eq 4
check "none was missed" test "$(grep -c 'x  bar .*MISSED' "$log")" -eq 0
check "a swap was measured" grep -q "no inference could start for" "$log"
finish
