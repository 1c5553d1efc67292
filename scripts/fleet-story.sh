# Sourced by quickstart.sh and tests/end-to-end/fleet.sh: what a playground's devices did, from their log and the tool's JSON.
# Needs $capsule and $NFR_HOME.
samples=samples/fashion/images
labels=samples/fashion/labels.json
device_log() { echo "$NFR_HOME/playground/devices.log"; }

# make_images: two good versions; one signed by a key that devices do not know; one whose golden vectors are another model's.
make_images() {
  $capsule build samples/fashion/v1 -t fashion:1 &&
    $capsule build samples/fashion/v2 -t fashion:2 &&
    $capsule keygen stranger --publisher-only &&
    $capsule build samples/fashion/v1 --key stranger -t fashion:stranger &&
    artifacts/dotnet/bin/WrongAnswers/release/wrong-answers "$NFR_HOME/images" fashion:1 "$NFR_HOME/keys/default" 1.0.1 fashion:wrong
}

# score <device> <version>: "RIGHT ANSWERED" over the samples that this version has answered on this device, the last answer to each.
score() {
  grep -F "\"device\":\"$1\",\"event\":\"inference\"" "$(device_log)" | grep -F "\"version\":\"$2\"" |
    awk -v labels="$labels" '
      BEGIN { while ((getline line < labels) > 0) if (match(line, /"[^"]+\.raw"/)) { name = substr(line, RSTART + 1, RLENGTH - 2); sub(/.*: */, "", line); truth[name] = line + 0 } }
      { match($0, /"input":"[^"]+"/); name = substr($0, RSTART + 9, RLENGTH - 10); match($0, /"decision":-?[0-9]+/); decided[name] = substr($0, RSTART + 11, RLENGTH - 11) + 0 }
      END { for (name in decided) { answered++; right += name in truth && truth[name] == decided[name] } print right + 0, answered + 0 }'
}

# wait_for_score <device> <version>: the same once all samples were answered, at most 20 s later.
wait_for_score() {
  local all answered deadline=$((SECONDS + 20))
  all=$(find "$samples" -name '*.raw' | wc -l)
  while answered=$(score "$1" "$2") && [ "${answered#* }" -lt "$all" ] && [ $SECONDS -lt $deadline ]; do sleep 0.2; done
  echo "$answered"
}

# inference_us <device> <version>: median µs of an inference, from sample to answer.
inference_us() {
  grep -F "\"device\":\"$1\",\"event\":\"inference\"" "$(device_log)" | grep -F "\"version\":\"$2\"" | sed -E 's/.*"microseconds":([0-9]+).*/\1/' | sort -n |
    awk '{ us[NR] = $1 } END { print NR ? us[int((NR + 1) / 2)] : "" }'
}

# blackout_us <device> <version>: µs in which no inference could start when this version took over, the last time.
blackout_us() {
  $capsule logs "$1" | sed -nE "s/.*version ${2//./\\.} answers; no inference could start for ([0-9]+) .*/\1/p" | tail -n 1
}

# received_bytes <device>: payload that came over MQTT since the device started.
received_bytes() {
  sleep 0.6 # a device reports at most four times a second
  $capsule devices --json | awk -v device="$1" '
    /"device":/ { here = index($0, "\"" device "\"") > 0 }
    here && /"received":/ { within = 1 }
    within && /"bytes":/ { gsub(/[^0-9]/, ""); print; exit }'
}

# reasons <image>: deploys what devices must not take; prints why the first one did not. Fails when a device took it.
reasons() {
  local output
  if output=$($capsule deploy "$1" --all); then
    echo "$output"
    return 1
  fi
  sed -nE 's/.*(refused|rejected): ([^→]*[^→ ]) *→.*/\1: \2/p' <<<"$output" | head -n 1 | grep .
}

ms() { awk -v us="$1" 'BEGIN { printf "%.1f ms", us / 1000 }'; }
