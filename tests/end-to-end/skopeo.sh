# A built image survives skopeo: copied to another layout with its digest unchanged, it still verifies and runs.
. "$(dirname "$0")/common.sh"
if ! command -v skopeo >/dev/null; then
  echo "left out: skopeo is not installed: copying a built layout"
  check "capsule --help" $capsule --help
  finish
  exit
fi
home=$(mktemp -d) && trap 'rm -rf "$home"' EXIT
export NFR_HOME=$home/first
check "keygen" $capsule keygen
check "build" $capsule build samples/fashion/v1 -t fashion:1
digest_of() { $capsule images --json | grep -oE '"digest": ?"sha256:[0-9a-f]{64}"' | head -n 1 | grep -oE 'sha256:[0-9a-f]{64}'; }
before=$(digest_of)
mkdir -p "$home/second" && cp -r "$NFR_HOME/keys" "$home/second/"
check "skopeo copy --all --preserve-digests" skopeo copy --quiet --all --preserve-digests "oci:$NFR_HOME/images:fashion:1" "oci:$home/second/images:fashion:1"
export NFR_HOME=$home/second
same_digest() { [ -n "$before" ] && [ "$(digest_of)" = "$before" ]; }
check "the digest is unchanged" same_digest
check "the copy verifies" $capsule verify fashion:1
run_copy() {
  local output
  output=$($capsule run fashion:1 --input samples/fashion/images/00_*.raw) && echo "$output" && grep -q '00_t-shirt-top.raw .*T-shirt/top' <<<"$output"
}
check "the copy runs" run_copy
finish
