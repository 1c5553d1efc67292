#!/usr/bin/env bash
# From a fresh clone to a fleet: installs what is missing, builds, makes signed capsule images of a real model, starts a broker, a controller
# and virtual devices on this machine, and rolls versions out over MQTT: a good one, two that devices refuse, a better one, and back.
#   bash quickstart.sh            everything is ended at the end; the tool stays at artifacts/capsule
#   bash quickstart.sh --keep     the fleet goes on: capsule down ends it
set -euo pipefail
cd "$(dirname "$0")"
. scripts/tools.sh
keep=false
case ${1:-} in
  '') ;;
  --keep) keep=true ;;
  -h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "quickstart.sh: unknown option '$1' (--help)" >&2; exit 2 ;;
esac

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 NO_COLOR=1
steps=6 step=0 since=0
now() { date +%s%N; }
begin() { step=$((step + 1)) title=$1 since=$(now); }
done_with() {
  local ms=$((($(now) - since) / 1000000))
  printf ' [%d/%d] %-9s %-74s %3d.%d s\n' "$step" $steps "$title" "$1" $((ms / 1000)) $((ms % 1000 / 100))
}
more() { printf '                 %s\n' "$1"; }

begin tools
need_build_tools
install_needed
done_with "gcc, cmake, mbedTLS, mosquitto, .NET $(dotnet --version)"

begin build
build_firmware host --target nfr --target nfr-runner
build_dotnet scripts/quickstart.slnf
bash scripts/install-tool.sh >/dev/null
done_with "firmware (host), capsule in artifacts/capsule"

# Images, keys and devices of the quickstart stay inside the checkout.
export NFR_HOME=$PWD/artifacts/quickstart
capsule=artifacts/capsule
. scripts/fleet-story.sh
log=artifacts/quickstart.log
$capsule down >/dev/null
rm -rf "$NFR_HOME"
: >"$log"
# run <command …>: quiet; what it said is shown when it fails.
run() { "$@" >"$log" 2>&1 || { cat "$log" >&2; return 1; }; }

begin images
run $capsule keygen
run make_images
done_with "fashion:1, fashion:2, and two that no device must take"
$capsule images | sed 's/^/                /'

begin devices
$keep || trap '$capsule down >/dev/null' EXIT
run $capsule up --devices 3 --input "$samples" --rate 50
done_with "$(sed -nE 's/^ broker +([^ ]+).*/broker on \1 (TLS)/p' "$log"), controller, distributor, 3 gateways"

begin deploy
device=gateway-01
run $capsule deploy fashion:1 --all
first=$(wait_for_score $device 1.0.0)
run $capsule confirm fashion:1
stranger=$(reasons fashion:stranger)
wrong=$(reasons fashion:wrong)
before=$(received_bytes $device)
run $capsule deploy fashion:2 --all
second=$(wait_for_score $device 2.0.0)
run $capsule confirm fashion:2
wire=$(($(received_bytes $device) - before))
blackout=$(blackout_us $device 2.0.0) inference=$(inference_us $device 2.0.0)
before=$(received_bytes $device)
run $capsule rollback fashion --all
back=$(($(received_bytes $device) - before))
done_with "fashion:1 has ${first% *} of ${first#* } images right, fashion:2 ${second% *} of ${second#* }"
more "stranger's signature: $stranger"
more "wrong answers: $wrong"
more "fashion:2: trial → confirmed, $wire B on the wire a device; no inference could start for $(ms "$blackout") (one takes $(ms "$inference"))"
more "rolled back to fashion:1: $back B on the wire, no inference could start for $(ms "$(blackout_us $device 1.0.0)")"
$capsule ps --previous | sed 's/^/                /'

begin next
if $keep; then
  done_with "export NFR_HOME=$NFR_HOME"
  more "artifacts/capsule ps · artifacts/capsule why gateway-02 · artifacts/capsule logs -f · artifacts/capsule down"
else
  done_with "bash quickstart.sh --keep; docs/guides/fleet.md, docs/guides/first-capsule.md"
fi
