# speed: long
# Deployments that race, and a controller that is killed in the middle of one, with 30 devices on a real broker.
. "$(dirname "$0")/common.sh"
for need in /usr/sbin/mosquitto /usr/bin/mosquitto_sub /usr/bin/openssl /usr/bin/curl; do
  if ! [ -x $need ]; then
    echo "left out: $need is not installed: deployments that race, a controller that is killed"
    check "capsule fleet --help" $capsule fleet --help
    finish
    exit
  fi
done
home=$(mktemp -d)
export NFR_HOME=$home NO_COLOR=1
. scripts/fleet-story.sh
count=30 device=gateway-02 playground=$home/playground
touch "$home/started"
trap 'for id in $(cat "$home/started"); do kill "$id" 2>/dev/null; done; $capsule down >/dev/null 2>&1; rm -rf "$home"' EXIT
# What is checked runs in a subshell: what it has to tell lies in files. Processes that this script starts itself end with it.
remember() { echo "$1" >>"$home/started"; }

# has <what> <text>: whether the text stands in it.
has() { grep -qF -- "$2" <<<"$1" || { echo "not in it: $2"; echo "$1"; return 1; }; }
# within <seconds> <command …>: until it succeeds.
within() {
  local until=$((SECONDS + $1)); shift
  while ! "$@" >/dev/null; do [ $SECONDS -lt $until ] || { "$@"; return 1; }; sleep 0.3; done
}
process_id() { grep -oE "\"name\":\"$1\",\"id\":[0-9]+" "$playground/processes.json" | grep -oE '[0-9]+$'; }
setting() { grep -oE "\"$1\":\"?[^\",}]+" "$playground/settings.json" | sed -E 's/.*:"?//'; }
api() { curl -s --max-time 20 -H "Authorization: Bearer $(setting token)" -H 'Content-Type: application/json' "$@"; }
url() { echo "http://127.0.0.1:$(setting apiPort)/v1/$1"; }
# deploy <image> <devices as JSON>: the deployment's id.
deploy() { api -d "{\"image\":\"$1\",$2,\"confirm\":\"manual\"}" "$(url deployments)" | grep -oE '^\{"id":"r[0-9]+' | grep -oE 'r[0-9]+$'; }
# states <deployment>: "device generation state", a line a device.
states() { api "$(url "deployments/$1")" | grep -oE '"device":"[^"]+","generation":[0-9]+,"state":"[a-z]+' | sed -E 's/"device":"([^"]+)","generation":([0-9]+),"state":"(.*)/\1 \2 \3/'; }
all_are() { [ "$(states "$1" | grep -c " $2\$")" -eq "$3" ] || { states "$1" | sort -k 3 | head -n 8; return 1; }; }
# watcher <name>: a certificate for a controller that only listens, from the broker's own authority.
watcher() {
  local folder=$playground/broker name=$1.controller.playground
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" -keyout "$home/$1.key" -out "$home/$1.csr" 2>/dev/null &&
    printf 'extendedKeyUsage=clientAuth\nbasicConstraints=CA:FALSE\n' >"$home/$1.ext" &&
    openssl x509 -req -in "$home/$1.csr" -CA "$folder/ca.crt" -CAkey "$folder/ca.key" -set_serial "0x$(openssl rand -hex 8)" -days 1 -extfile "$home/$1.ext" -out "$home/$1.crt" 2>/dev/null &&
    printf '\nuser %s\ntopic read nfr/playground/d/+/desired\n' "$name" >>"$folder/acl"
}
watchers() { watcher watch && watcher look && kill -HUP "$(process_id broker)"; }
# orders <watcher> <mosquitto_sub's options …>: "device generation manifest" of desired documents with one capsule.
orders() {
  local name=$1
  shift
  stdbuf -oL mosquitto_sub -h 127.0.0.1 -p "$(setting brokerPort)" --cafile "$playground/broker/ca.crt" --cert "$home/$name.crt" --key "$home/$name.key" \
    -t 'nfr/playground/d/+/desired' -q 1 -F '%t %x' "$@" |
    while read -r topic hex; do # line by line: awk would wait for more
      topic=${topic#nfr/playground/d/} hex=${hex,,}
      generation=${hex:8:2} manifest=${hex#*025820}
      [ "$generation" != 18 ] || generation=${hex:10:2}
      echo "${topic%/desired} $((16#$generation)) ${manifest:0:64}"
    done
}
retained() { orders look --retained-only -W 2 2>/dev/null; }

# Four versions without a deadline, which 30 devices in one process on a busy machine would miss.
make_all() {
  $capsule keygen && cp -r samples/fashion docs "$home/" || return 1
  for version in 1 2 3 4; do
    cp -r "$home/fashion/v1" "$home/fashion/race$version"
    [ $version = 1 ] || cp "$home/fashion/v2/fashion_v2.tflite" "$home/fashion/race$version/fashion_v1.tflite"
    sed -i -E "s/\"version\": \"[^\"]+\"/\"version\": \"$version.0.0\"/; s/\"deadlineMs\": [0-9]+/\"deadlineMs\": 60000/" "$home/fashion/race$version/capsule.json"
    $capsule build "$home/fashion/race$version" -t fashion:$version || return 1
  done
}
check "images" make_all
check "up" $capsule up --devices $count --input $samples --rate 2
process_id controller >"$home/controller"
check "deploy fashion:1" $capsule deploy fashion:1 --all
check "confirm" $capsule confirm fashion:1
began=$SECONDS
check "somebody listens" watchers

# Two at a time, four times: the later generation's image is the one that is retained and that the device comes to; the other one is told.
orders watch >"$home/orders" 2>/dev/null &
remember $!
# manifest <image>: what another device is ordered to have when it is to have that.
manifest() {
  local id
  id=$(deploy "$1" '"to":["gateway-01"]') && within 30 all_are "$id" trial 1 >&2 && retained | awk '$1 == "gateway-01" { print $3 }'
}
second=$(manifest fashion:2) third=$(manifest fashion:3)
check "two versions that differ" test ${#second} -eq 64 -a ${#third} -eq 64 -a "$second" != "$third"
race() {
  deploy fashion:2 "\"to\":[\"$device\"]" >"$home/one" &
  local one=$!
  deploy fashion:3 "\"to\":[\"$device\"]" >"$home/other" &
  wait $one $! || return 1
  local a b wanted
  read -r a <"$home/one" && read -r b <"$home/other" || return 1
  if [ "$(states "$a" | cut -d' ' -f2)" -gt "$(states "$b" | cut -d' ' -f2)" ]; then wanted="$second $a $b"; else wanted="$third $b $a"; fi
  read -r wanted winner loser <<<"$wanted"
  within 30 all_are "$winner" trial 1 && all_are "$loser" superseded 1 || return 1
  has "$(retained | grep "^$device ")" "$device $(states "$winner" | cut -d' ' -f2) $wanted"
}
for round in 1 2 3 4; do check "race $round: one wins everywhere, the other one is superseded" race; done
rising() { awk -v device=$device '$1 == device { lines++; if ($2 <= last) bad++; last = $2 } END { print lines + 0, bad + 0; exit !(lines >= 5 && !bad) }' "$home/orders"; }
# One line a race at least: an order that is overtaken before it is published is never published.
check "each order to the device was of a higher generation" within 5 rising
serves() { [ "$($capsule ps | grep -cE '1\.0\.0 .* confirmed ')" -eq "$1" ] || { $capsule ps; return 1; }; }
check "what was confirmed is confirmed" serves $count

# Killed in the middle: a broker that stands still has the first orders in its socket when the controller dies with the rest.
all="\"all\":true"
controller() {
  $capsule fleet controller >>"$playground/controller.log" 2>&1 &
  echo $! >"$home/controller"
  remember $!
  within 30 has_broker
}
has_broker() { has "$(api "$(url health)")" '"broker":true'; }
kill_controller() { kill -9 "$(cat "$home/controller")" && within 5 gone "$(cat "$home/controller")"; }
gone() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.*Z' "/proc/$1/status"; }
half() {
  kill -STOP "$(process_id broker)"
  deploy fashion:2 "$all" >"$home/id"
  sleep 1
  kill_controller
  kill -CONT "$(process_id broker)"
  sleep 1
  retained >"$home/retained"
  [ -s "$home/id" ] && [ "$(grep -c "$second" "$home/retained")" -gt 0 ] && [ "$(grep -vc "$second" "$home/retained")" -gt 5 ]
}
# one_order <manifest>: retained for all of them.
one_order() { [ "$(retained | grep -c " $1\$")" -eq $count ] || { retained | cut -d' ' -f 2- | sort | uniq -c; return 1; }; }
check "the controller is killed when a part of the orders is out" half
echo "killed after $(grep -c "$second" "$home/retained") of $count orders"
check "it starts again" controller
check "all devices come to the version" within 60 all_are "$(cat "$home/id")" trial $count
check "all orders are out" one_order "$second"
check "what was confirmed is still confirmed" serves $count

# An older copy of the database, twice.
older() {
  kill_controller
  cp "$playground"/controller.db* "$home/" && controller || return 1
  deploy fashion:3 "$all" >"$home/id" && within 60 all_are "$(cat "$home/id")" trial $count || return 1
  kill_controller
  rm "$playground"/controller.db* && cp "$home"/controller.db* "$playground/"
}
generation_of() { awk -v device="$1" '$1 == device { print $2 }' "$home/before"; }
# settled <manifest> <least>: every device has acted on the generation that it is to have, which is at least so much above the one before, and has
# this version as its candidate.
settled() {
  api "$(url devices)" >"$home/devices"
  grep -oE '"device":"[^"]+"|"generation":[0-9]+,"observedGeneration":[0-9]+' "$home/devices" | sed -E 's/"device":"(.*)"/\1/; s/[^0-9A-Za-z-]+/ /g' | paste - - |
    awk -v least="$2" 'NR == FNR { before[$1] = $2; next } $3 == $5 && $3 - before[$1] >= least { there++ } END { exit there != '$count' }' "$home/before" - &&
    [ "$(grep -oE "\"place\":\"candidate\",\"state\":\"trial\",\"version\":\"[0-9.]+\",\"counter\":[0-9]+,\"manifest\":\"sha256:$1\"" "$home/devices" | wc -l)" -eq $count ] || { cut -c 1-1500 "$home/devices"; return 1; }
}
check "a database that lost its last deployment" older
retained >"$home/before"
check "its controller starts" controller
check "every device stays on what was ordered last" within 60 settled "$third" 0
check "nothing older was ordered" one_order "$third"
goes_on() { local next; next=$(deploy fashion:2 "\"to\":[\"$device\"]") && within 30 all_are "$next" trial 1 && [ "$(states "$next" | cut -d' ' -f2)" -gt "$(generation_of $device)" ]; }
check "the next deployment is above what devices report" goes_on

# The same fleet under a controller and a distributor that were told everything by options, as on a broker of somebody's own.
own() { # own <role> <name> <option …>
  local role=$1 name=$2 broker=$playground/broker
  shift 2
  $capsule fleet "$role" --broker "127.0.0.1:$(setting brokerPort)" --ca "$broker/ca.crt" --cert "$broker/clients/$name.$role.playground.crt" \
    --key "$broker/clients/$name.$role.playground.key" --tenant playground "$@" >>"$playground/$role.log" 2>&1 &
  echo $! >"$home/$role"
  remember $!
}
by_options() {
  kill_controller && kill -9 "$(process_id distributor-1)" || return 1
  mkdir "$home/data" && cp "$playground"/controller.db* "$home/data/" || return 1
  NFR_FLEET_TOKEN=$(setting token) own controller controller --data "$home/data" --listen "127.0.0.1:$(setting apiPort)"
  own distributor distributor-1 --name distributor-1 --layout "$home/images" "$home/data/deltas"
  local next
  within 30 has_broker && next=$(deploy fashion:4 "\"to\":[\"$device\"]") && within 30 all_are "$next" trial 1
}
check "controller and distributor by options" by_options
refused_listen() {
  local said status=0
  said=$(NFR_FLEET_TOKEN=$(setting token) $capsule fleet controller --broker 127.0.0.1 --tenant playground --listen 0.0.0.0:0 2>&1) || status=$?
  [ $status -eq 2 ] && has "$said" "no TLS"
}
check "beyond loopback only with TLS" refused_listen

lost_both() {
  retained >"$home/before"
  kill_controller
  kill -9 "$(process_id broker)"
  rm -f "$playground/broker/mosquitto.db" "$playground"/controller.db* && cp "$home"/controller.db* "$playground/" || return 1
  mosquitto -c "$playground/broker/mosquitto.conf" >/dev/null 2>&1 &
  remember $!
  controller
}
check "and a broker that lost its memory too" lost_both
check "every device ends on what this database wants, above what was reported" within 90 settled "$second" 1
check "all orders are out again" one_order "$second"
check "what was confirmed served throughout" serves $count
answers() { grep -cF "\"device\":\"$device\",\"event\":\"inference\"" "$(device_log)"; }
check "it answered its samples all the time: $(answers) in $((SECONDS - began)) s" test "$(answers)" -gt $((SECONDS - began))
finish
