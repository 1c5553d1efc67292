# Every shared model, bit-exact: outputs of all golden cases, then every operator's output with all tensors kept.
. "$(dirname "$0")/common.sh"
check "capsule --help" $capsule --help
if ! without_shared "goldens of the 11 models, of the single operators and of the real inputs"; then
  for model in "$shared"/models/*.tflite; do
    name=$(basename "$model" .tflite)
    add_counts "$name" $capsule test "$model" --golden "$shared/models/golden/$name.json"
    add_counts "$name, layers" $capsule test "$model" --layers --golden "$shared/models/golden/layers/$name.json"
  done
  add_counts "single operators" $capsule test "$shared/models/ops"
  eval_kws() {
    $capsule eval "$shared/models/kws_ref_model.tflite" --inputs "$shared/models/samples/kws01_1000x490_int8.bin" \
      --labels "$shared/models/samples/samples.json" | tee /dev/stderr | grep '0\.901'
  }
  check "kws on 1,000 real inputs: accuracy 0.901" eval_kws
fi
finish
