# speed: long
# The sample's held-out accuracy, as its README states it, measured by the tool on 10,000 real images.
. "$(dirname "$0")/common.sh"
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
write_inputs() { /usr/bin/python3 samples/fashion/train/heldout.py "$work"; }
accuracy() { # accuracy <version> <right>
  $capsule eval "samples/fashion/v$1/fashion_v$1.tflite" --inputs "$work/heldout.bin" --labels "$work/heldout.json" | tee /dev/stderr | grep " $2 of 10,000 right"
}
check "the 10,000 held-out images" write_inputs
check "v1: 8,491 right, 84.91 %" accuracy 1 8,491
check "v2: 9,092 right, 90.92 %" accuracy 2 9,092
finish
