# Blobs from the real docker-registry: devices fetch by HTTP Range, fall back to blocks when it dies, and get through a distributor what only it has.
. "$(dirname "$0")/common.sh"
if ! [ -x /usr/sbin/mosquitto ] || ! command -v docker-registry >/dev/null; then
  echo "left out: mosquitto or docker-registry is not installed: a playground with a registry"
  check "capsule up --help" $capsule up --help
  finish
  exit
fi
home=$(mktemp -d)
export NFR_HOME=$home/first NO_COLOR=1
pids=() port=0
end() {
  for used in first second; do NFR_HOME=$home/$used $capsule down >/dev/null 2>&1; done
  [ ${#pids[@]} -eq 0 ] || { kill "${pids[@]}" && wait "${pids[@]}"; } 2>/dev/null
  rm -rf "$home"
}
trap end EXIT
. scripts/fleet-story.sh

# serve <name>: starts or restarts the registry with the configuration $home/<name>.yml, on $port; its access log is $home/<name>.access.
serve() {
  sed "s/PORT/$port/" "$home/$1.yml" >"$home/$1.$port.yml"
  docker-registry serve "$home/$1.$port.yml" >>"$home/$1.access" 2>"$home/$1.log" &
  registry=$!
  for _ in $(seq 100); do
    if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && kill -0 $registry 2>/dev/null; then
      pids+=($registry)
      return 0
    fi
    kill -0 $registry 2>/dev/null || break
    sleep 0.1
  done
  kill $registry 2>/dev/null
  return 1
}
# start_registry <name> <further configuration>: on a free port of 127.0.0.1, which is left in $port.
start_registry() {
  cat >"$home/$1.yml" <<CONFIG
version: 0.1
log: { level: error, accesslog: { disabled: false } }
storage: { filesystem: { rootdirectory: $home/$1 } }
http: { addr: '127.0.0.1:PORT' }
$2
CONFIG
  for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 12000))
    serve "$1" && return
  done
}
answers() { cat "$home/$1.log"; (: <"/dev/tcp/127.0.0.1/$port"); }

# ranges <name> <status>: "digest bytes" of what was asked for with that answer, by blob, from the registry's access log.
ranges() {
  awk -v status="$2" 'match($0, /"GET [^"]*\/blobs\/sha256:[0-9a-f]+ HTTP[^"]*" [0-9]+ [0-9]+/) {
      split(substr($0, RSTART, RLENGTH), part, /[ "]+/); digest = part[3]; sub(/.*sha256:/, "", digest)
      if (part[5] == status) { bytes[digest] += part[6]; count[digest]++ } }
    END { for (digest in bytes) print digest, bytes[digest], count[digest] }' "$home/$1.access"
}
# each_once <devices>: every blob that devices asked the open registry for came that many times, byte by byte, in parts.
each_once() {
  local digest bytes count blobs=0 all=0
  while read -r digest bytes count; do
    local size
    size=$(stat -c %s "$home/open/docker/registry/v2/blobs/sha256/${digest:0:2}/$digest/data") || return
    echo "$digest: $bytes B in $count answers; the blob has $size B"
    [ "$bytes" -eq $(($1 * size)) ] || return
    blobs=$((blobs + 1)) all=$((all + bytes))
  done < <(ranges open 206)
  [ $blobs -ge 2 ] && [ $all -gt 15000 ]
}
serves() { [ "$($capsule ps | grep -cE "$1 .* confirmed ")" -eq "$2" ] || { $capsule ps; return 1; }; }
no_blocks() { local name; for name in "$@"; do [ "$(received_bytes "$name")" = 0 ] || { echo "$name: $(received_bytes "$name") B of blocks"; return 1; }; done; }
as_run() {
  local run
  run=$($capsule run "$1" --input $samples/*.raw --truth $labels | sed -nE 's/^ ([0-9]+) of ([0-9]+) right.*/\1 \2/p')
  [ -n "$run" ] && [ "$2" = "$run" ] || { echo "device: $2, capsule run: $run"; return 1; }
}
has() { grep -qF -- "$2" <<<"$1" || { echo "not in it: $2"; echo "$1"; return 1; }; }
exits() { local want=$1 status=0; shift; "$@" || status=$?; [ $status -eq "$want" ] || { echo "exit code $status, expected $want"; return 1; }; }
section() { grep -B 1 -A 3 -m 1 "\"title\": \"$1\"" <<<"$2" | grep -oE 'sha256:[0-9a-f]{64}' | cut -c 8-; }

# --- every byte by HTTP Range ---
check "keygen" $capsule keygen
check "build fashion:1" $capsule build samples/fashion/v1 -t fashion:1
check "build fashion:2" $capsule build samples/fashion/v2 -t fashion:2
start_registry open ""
check "docker-registry answers" answers open
open=127.0.0.1:$port
check "push fashion:1" $capsule push fashion:1 "$open/fashion:1"
check "push fashion:2" $capsule push fashion:2 "$open/fashion:2"
check "an image is no repository" exits 2 $capsule up --pull-from "$open/fashion:1"
check "a name without a registry is none" exits 2 $capsule up --pull-from fashion
check "up --pull-from" $capsule up --devices 3 --input $samples --rate 50 --pull-from "$open/fashion"
check "another registry is refused while it is up" exits 4 $capsule up --devices 3 --pull-from "$open/other"
check "deploy fashion:1" $capsule deploy fashion:1 --all --confirm auto --wait --timeout 60
check "fashion:1 serves" serves 1.0.0 3
check "no byte came as a block" no_blocks gateway-01 gateway-02 gateway-03
check "the registry sent each blob to each device once, in ranges" each_once 3
ranges open 206 | awk '{ blobs++; bytes += $2; answers += $3 } END { printf "        %d blobs, %d B in %d ranges, 3 devices\n", blobs, bytes, answers }'
check "fashion:1 answers as in capsule run" as_run fashion:1 "$(wait_for_score gateway-02 1.0.0)"

if leave_out "a registry that dies, and one that devices may not read"; then
  check "down" $capsule down
  finish
  exit
fi

# --- the registry dies ---
kill $registry && wait $registry 2>/dev/null
pids=()
before=$(received_bytes gateway-02)
check "without the registry fashion:2 comes too" $capsule deploy fashion:2 --all --confirm auto --wait --timeout 90
check "as blocks" test "$(received_bytes gateway-02)" -gt $((before + 20000))
check "fashion:2 serves" serves 2.0.0 3
check "fashion:2 answers as in capsule run" as_run fashion:2 "$(wait_for_score gateway-02 2.0.0)"
serve open # not within check, whose subshell would forget whom to end
check "the registry is back" answers open
asked=$(ranges open 206)
check "roll back" $capsule rollback fashion --all
check "rolling back asks nobody" test "$(ranges open 206)" = "$asked"
check "down" $capsule down

# --- a registry that devices may not read, and a store that lost the blobs: the distributor has the login ---
hash=$(perl -e 'print crypt("correct horse", "\$2y\$05\$" . "nfRuntimeTestSaltEnough." )')
if [[ $hash == '$2y$'* ]]; then
  echo "ada:$hash" >"$home/htpasswd"
  start_registry locked "auth: { htpasswd: { realm: test, path: $home/htpasswd } }"
  check "docker-registry with passwords answers" answers locked
  mkdir -p "$home/second" && cp -r "$NFR_HOME/keys" "$NFR_HOME/images" "$home/second/"
  export NFR_HOME=$home/second
  login() { $capsule login "127.0.0.1:$port" -u ada --password-stdin <<<'correct horse'; }
  check "login" login
  pushed=$($capsule push fashion:1 "127.0.0.1:$port/fashion:1" --json)
  lost=$(section host/model.nfrp "$pushed")
  lose() { [ ${#lost} -eq 64 ] && rm "$NFR_HOME/images/blobs/sha256/$lost"; }
  check "(the image store loses the model)" lose
  check "up with a registry that wants a login" $capsule up --devices 2 --input $samples --rate 50 --pull-from "127.0.0.1:$port/fashion"
  check "deploy fashion:1 from there" $capsule deploy fashion:1 --all --confirm auto --wait --timeout 90
  check "it serves" serves 1.0.0 2
  refused_devices() { ranges locked 401 | grep "$lost" && ! [ -e "$NFR_HOME/images/blobs/sha256/$lost" ]; }
  check "devices were refused there" refused_devices
  fetched_once() { local size; size=$(stat -c %s "$home/locked/docker/registry/v2/blobs/sha256/${lost:0:2}/$lost/data") && [ "$(ranges locked 200 | awk -v d="$lost" '$1 == d { print $2 / $3 }')" = "$size" ]; }
  check "the distributor fetched it, whole" fetched_once
  check "it came as blocks" test "$(received_bytes gateway-01)" -gt 5000
  silent() { ! grep -rE "correct horse|$(printf 'ada:correct horse' | base64)" "$NFR_HOME/playground"; }
  check "no log has the password" silent
  check "down again" $capsule down
else
  echo "left out: perl's crypt makes no bcrypt hashes here: a registry that devices may not read"
fi
finish
