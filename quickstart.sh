#!/usr/bin/env bash
# From a fresh clone to a prediction: installs what is missing, builds, makes two signed capsule images of a real model,
# and runs both on real images in a virtual device. Leaves the tool at artifacts/capsule.
#   bash quickstart.sh
set -euo pipefail
cd "$(dirname "$0")"
. scripts/tools.sh
case ${1:-} in
  '') ;;
  -h | --help) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "quickstart.sh: unknown option '$1' (--help)" >&2; exit 2 ;;
esac

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
steps=5 step=0 since=0
now() { date +%s%N; }
begin() { step=$((step + 1)) title=$1 since=$(now); }
done_with() {
  local ms=$((($(now) - since) / 1000000))
  printf ' [%d/%d] %-9s %-64s %3d.%d s\n' "$step" $steps "$title" "$1" $((ms / 1000)) $((ms % 1000 / 100))
}

begin tools
need_build_tools
install_needed
done_with "gcc, cmake, mbedTLS, .NET $(dotnet --version)"

begin build
build_firmware host
build_dotnet
bash scripts/install-tool.sh >/dev/null
done_with "firmware (host), capsule → artifacts/capsule"

# Images and keys of the quickstart stay inside the checkout.
export NFR_HOME=$PWD/artifacts/quickstart
rm -rf "$NFR_HOME"
capsule=artifacts/capsule

begin keys
$capsule keygen >/dev/null
done_with "root key, publisher key and key list in artifacts/quickstart/keys"

begin images
$capsule build samples/fashion/v1 -t fashion:1
$capsule build samples/fashion/v2 -t fashion:2
done_with "two signed images"
$capsule images

begin run
for version in 1 2; do
  echo
  $capsule run "fashion:$version" --input samples/fashion/images/*.raw --truth samples/fashion/labels.json
done
done_with "both versions on 50 real images in a virtual device"

cat <<EOF

 next      export NFR_HOME=$NFR_HOME
           artifacts/capsule inspect fashion:2 · artifacts/capsule history fashion:2 · docs/guides/first-capsule.md
EOF
