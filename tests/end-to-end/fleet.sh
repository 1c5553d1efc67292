# The quickstart's story with assertions: a playground, versions that devices take and refuse, going back, and starts in between.
. "$(dirname "$0")/common.sh"
if ! [ -x /usr/sbin/mosquitto ]; then
  echo "left out: mosquitto is not installed: the playground"
  check "capsule up --help" $capsule up --help
  finish
  exit
fi
home=$(mktemp -d)
export NFR_HOME=$home NO_COLOR=1
trap '$capsule down >/dev/null 2>&1; rm -rf "$home"' EXIT
. scripts/fleet-story.sh
device=gateway-02

# has <what> <text>: whether the text stands in it.
has() { grep -qF -- "$2" <<<"$1" || { echo "not in it: $2"; echo "$1"; return 1; }; }
# exits <code> <command …>
exits() { local want=$1 status=0; shift; "$@" || status=$?; [ $status -eq "$want" ] || { echo "exit code $status, expected $want"; return 1; }; }
# serves <version>: on all three devices, confirmed; devices report within a second or two.
serves() {
  for _ in $(seq 50); do [ "$($capsule ps | grep -cE "$1 .* confirmed ")" -eq 3 ] && return; sleep 0.2; done
  $capsule ps
  return 1
}
# as_run <image> <score>: as many right as capsule run has, over all samples.
as_run() {
  local run
  run=$($capsule run "$1" --input $samples/*.raw --truth $labels | sed -nE 's/^ ([0-9]+) of ([0-9]+) right.*/\1 \2/p')
  [ -n "$run" ] && [ "$2" = "$run" ] || { echo "device: $2, capsule run: $run"; return 1; }
}

# lost_identity: a device without its folder enrols again, with an empty flash.
lost_identity() {
  $capsule down && rm -r "$home/playground/devices/gateway-01" && $capsule up --devices 3 && [ "$($capsule devices | grep -c ' online ')" -eq 3 ]
}
make_images_with_keys() { $capsule keygen && make_images; }
check "images" make_images_with_keys
if ! leave_out "a playground whose devices end at once"; then
  # The rest is ended again, and the reason is told.
  broken=$(NFR_DEVICE=/bin/false $capsule up 2>&1)
  check "a playground that does not start says why" has "$broken" "CAPSULE8010: "
  check "and leaves nothing behind" has "$($capsule down)" "No playground is up"
fi
check "up" $capsule up --devices 3 --input $samples --rate 50
check "up again does nothing" has "$($capsule up --devices 3 --input $samples)" "is up already"
check "up with other devices is refused" exits 4 $capsule up --devices 4
check "all are online" test "$($capsule devices | grep -c ' online ')" -eq 3

check "an image that is not there" exits 3 $capsule deploy fashion:nowhere --all
check "a device that is not there" exits 3 $capsule deploy fashion:1 --to gateway-09
check "deploy fashion:1" $capsule deploy fashion:1 --all
check "fashion:1 answers as in capsule run" as_run fashion:1 "$(wait_for_score $device 1.0.0)"
check "another image than the one on trial is not confirmed" exits 5 $capsule confirm fashion:2
check "confirm" $capsule confirm fashion:1
check "fashion:1 serves" serves 1.0.0

refused=$(reasons fashion:stranger)
check "a stranger's signature is refused with the reason" has "$refused" "signature"
rejected=$(reasons fashion:wrong)
check "wrong answers are rejected, by case and operator" has "$rejected" "case 3, operator 1"
check "why says so" has "$($capsule why $device)" "case 3, operator 1"
check "fashion:1 serves throughout" serves 1.0.0

before=$(received_bytes $device)
check "deploy fashion:2 until the health rules confirm it" $capsule deploy fashion:2 --all --confirm auto --wait --timeout 60
check "fashion:2 answers as in capsule run" as_run fashion:2 "$(wait_for_score $device 2.0.0)"
check "fashion:2 serves" serves 2.0.0
wire=$(($(received_bytes $device) - before))
# The least of three devices: what is above it is this machine's other work.
blackout=$(for each in gateway-01 gateway-02 gateway-03; do blackout_us $each 2.0.0; done | sort -n | head -n 1) inference=$(inference_us $device 2.0.0)
echo "on the wire: $wire B a device; no inference could start for $blackout µs, one takes $inference µs"
check "something came over the wire, once" test "$wire" -gt 20000 -a "$wire" -lt 45000
check "the blackout was measured" test "${blackout:-0}" -gt 0

before=$(received_bytes $device)
check "roll back" $capsule rollback fashion --all
check "fashion:1 serves again" serves 1.0.0
check "rolling back takes no byte" test "$(received_bytes $device)" -eq "$before"
check "there is nothing before fashion:1" exits 5 $capsule rollback fashion --all

if leave_out "a playground that goes on after down, after kill -9 of broker and devices, without a device's folder; rm --on, retire"; then
  check "down ends all four" has "$($capsule down)" "devices, distributor-1, controller, broker"
  finish
  exit
fi
before=$($capsule store inspect "$home/playground/devices/$device/device.flash" >/dev/null && echo ok)
check "the flash can be inspected" test "$before" = ok
down=$($capsule down)
check "down ends all four" has "$down" "devices, distributor-1, controller, broker"
check "down again has nothing to end" has "$($capsule down)" "No playground is up"
check "up after down" $capsule up --devices 3
check "what was confirmed is confirmed" serves 1.0.0
check "nothing was fetched for it" test "$(received_bytes $device)" -eq 0
# Broker and devices die in mid-pull, without a warning.
killed() {
  $capsule deploy fashion:2 --all --retry --timeout 0
  for name in broker devices; do
    kill -9 "$(grep -oE "\"name\":\"$name\",\"id\":[0-9]+" "$home/playground/processes.json" | grep -oE '[0-9]+$')" || return 1
  done
  $capsule up --devices 3 && for _ in $(seq 100); do [ "$($capsule ps | grep -cE '2\.0\.0 .* trial ')" -eq 3 ] && return; sleep 0.2; done
  $capsule ps
  return 1
}
check "broker and devices killed in mid-pull: all come to trial" killed
check "what was confirmed is still confirmed" serves 1.0.0
check "and is gone back to" $capsule rollback fashion --all
check "rm --on" $capsule rm fashion --on $device
check "it is gone there, and only there" test "$($capsule ps | grep -c confirmed)" -eq 2
check "a device that lost its identity is let in anew" lost_identity
check "retire" $capsule device retire gateway-03
check "it is forgotten" test "$($capsule devices | grep -c gateway-)" -eq 2
finish
