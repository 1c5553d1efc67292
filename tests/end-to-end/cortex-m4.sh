# speed: long
# alone with: artifacts/firmware/m4
# Every shared model on the Cortex-M4 under QEMU: goldens and every operator's output; then the counts of one model.
. "$(dirname "$0")/common.sh"
board=qemu-mps2-an386
check "the C side cross-builds for the Cortex-M4F" build_firmware m4 "${CORTEX_M4[@]}"
if ! without_shared "goldens on the Cortex-M4"; then
  for model in "$shared"/models/*.tflite; do
    name=$(basename "$model" .tflite)
    add_counts "$name" $capsule test "$model" --golden "$shared/models/golden/$name.json" --on $board
    add_counts "$name, layers" $capsule test "$model" --layers --golden "$shared/models/golden/layers/$name.json" --on $board
  done
  count_kws() {
    tests/bench engine --core m4 --model "$shared/models/kws_ref_model.tflite" --json | tee /dev/stderr | grep '"mismatches":0'
  }
  check "tests/bench engine --core m4, kws" count_kws
fi
finish
