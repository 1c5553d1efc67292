# push, pull, login and logout against the real docker-registry: anonymous, with passwords, with TLS; and skopeo reads and writes the same images.
. "$(dirname "$0")/common.sh"
if ! command -v docker-registry >/dev/null; then
  echo "left out: docker-registry is not installed: pushing and pulling"
  check "capsule push --help" $capsule push --help
  finish
  exit
fi
home=$(mktemp -d)
pids=() port=0
end() {
  [ ${#pids[@]} -eq 0 ] || { kill "${pids[@]}" && wait "${pids[@]}"; } 2>/dev/null
  rm -rf "$home"
}
trap end EXIT

# start_registry <name> <further configuration>: on a free port of 127.0.0.1, which is left in $port.
start_registry() {
  local name=$1 more=$2 attempt
  for attempt in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 12000))
    cat >"$home/$name.yml" <<CONFIG
version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: $home/$name }, delete: { enabled: true } }
$(sed "s/PORT/$port/" <<<"$more")
CONFIG
    docker-registry serve "$home/$name.yml" >"$home/$name.log" 2>&1 &
    local pid=$!
    for _ in $(seq 100); do
      if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && kill -0 $pid 2>/dev/null; then
        pids+=($pid)
        return 0
      fi
      kill -0 $pid 2>/dev/null || break
      sleep 0.1
    done
    kill $pid 2>/dev/null
  done
}
answers() { cat "$home/$1.log"; (: <"/dev/tcp/127.0.0.1/$port"); }

# use <home>: the tool's home from here on.
use() { export NFR_HOME=$home/$1; }

# number <field> <json>: a number of the tool's --json.
number() { grep -oE "\"$1\": [0-9]+" <<<"$2" | head -n 1 | grep -oE '[0-9]+$'; }
digest_in() { grep -oE '"digest": "sha256:[0-9a-f]{64}"' <<<"$1" | head -n 1 | grep -oE 'sha256:[0-9a-f]{64}'; }

# refused <exit> <text> <command …>: the command ends with that code, and says the text.
refused() {
  local exit=$1 text=$2 output status
  shift 2
  output=$("$@" 2>&1)
  status=$?
  echo "$output"
  [ $status -eq "$exit" ] && grep -qF -- "$text" <<<"$output"
}

use first
check "keygen" $capsule keygen
check "build fashion:1" $capsule build samples/fashion/v1 -t fashion:1
check "build fashion:2" $capsule build samples/fashion/v2 -t fashion:2
cp -r samples/fashion "$home/project" && sed -i 's/"version": "1.0.0"/"version": "1.0.1"/' "$home/project/v1/capsule.json"
check "build fashion:1.0.1, the same model" $capsule build "$home/project/v1" -t fashion:1.0.1

# --- anonymous ---
start_registry open "http: { addr: '127.0.0.1:PORT' }"
check "docker-registry answers" answers open
open=127.0.0.1:$port
one=$($capsule push fashion:1 $open/fashion:1 --json)
two=$($capsule push fashion:2 $open/fashion:2 --json)
next=$($capsule push fashion:1.0.1 $open/fashion:1.0.1 --json)
echo "        fashion:1: $(number movedBytes "$one") of $(number bytes "$one") B pushed; fashion:2: $(number movedBytes "$two") of $(number bytes "$two") B pushed, $(number presentBytes "$two") B there already; fashion:1.0.1: $(number movedBytes "$next") of $(number bytes "$next") B pushed"
first_pushes_all() { [ "$(number movedBytes "$one")" = "$(number bytes "$one")" ] && [ "$(number bytes "$one")" -gt 10000 ]; }
check "the first push sends everything" first_pushes_all

# What differs, counted by other means: blobs of fashion:2 that fashion:1 has not, from the image layout's files.
blobs_of() { # every digest that an image reaches, by following the JSON documents of the layout
  local blobs=$NFR_HOME/images/blobs/sha256 root=${1#sha256:} manifest
  echo "$root"
  for manifest in $(grep -oE '"digest":"sha256:[0-9a-f]{64}"' "$blobs/$root" | grep -oE '[0-9a-f]{64}'); do
    echo "$manifest"
    grep -oE '"digest":"sha256:[0-9a-f]{64}"' "$blobs/$manifest" | grep -oE '[0-9a-f]{64}'
  done | sort -u
}
differing_bytes() { # differing_bytes <json of one image> <json of another>: bytes of the second's blobs that the first has not
  local digest total=0
  for digest in $(comm -13 <(blobs_of "$(digest_in "$1")" | sort -u) <(blobs_of "$(digest_in "$2")" | sort -u)); do
    total=$((total + $(stat -c %s "$NFR_HOME/images/blobs/sha256/$digest")))
  done
  echo $total
}
pushes_the_rest() {
  echo "$(number movedBytes "$1") B were sent; $(differing_bytes "$one" "$1") B differ"
  [ "$(number movedBytes "$1")" = "$(differing_bytes "$one" "$1")" ] && [ "$(number presentBytes "$1")" -gt 0 ]
}
check "the second push sends exactly what differs" pushes_the_rest "$two"
without_the_model() { pushes_the_rest "$next" && [ $((4 * $(number movedBytes "$next"))) -lt "$(number bytes "$next")" ]; }
check "a new version of the same model sends less than a quarter" without_the_model
nothing_again() { again=$($capsule push fashion:2 $open/fashion:2 --json) && [ "$(number movedBytes "$again")" = 0 ]; }
check "a third push sends nothing" nothing_again

mounts() {
  local third
  third=$($capsule push fashion:2 $open/team/fashion:2 --json) || return
  echo "$third"
  [ "$(number mountedBytes "$third")" -gt 10000 ] && ! grep -E '"title": "[a-z0-9-]+/model.nfrp"' -A 3 <<<"$third" | grep -q pushed
}
check "another repository mounts the blobs" mounts

use second
pulls_the_same() {
  local pulled
  pulled=$($capsule pull $open/fashion:2 -t fashion:2 --json) || return
  echo "$pulled"
  [ "$(digest_in "$pulled")" = "$(digest_in "$two")" ] && [ "$(number movedBytes "$pulled")" = "$(number bytes "$pulled")" ]
}
check "pull into an empty store: the same digest" pulls_the_same
mkdir -p "$NFR_HOME" && cp -r "$home/first/keys" "$NFR_HOME/"
check "the pulled image verifies" $capsule verify fashion:2
runs() { $capsule run fashion:2 --input samples/fashion/images/00_*.raw | grep '00_t-shirt-top.raw .*T-shirt/top'; }
check "the pulled image runs" runs
pulls_what_differs() {
  local pulled
  pulled=$($capsule pull $open/fashion:1 --json) || return
  echo "$pulled"
  [ "$(digest_in "$pulled")" = "$(digest_in "$one")" ] && [ "$(number presentBytes "$pulled")" -gt 0 ]
}
check "pull of the other version fetches what differs" pulls_what_differs
use one-target
one_target() { local pulled; pulled=$($capsule pull $open/fashion:1 --target cortex-m4 -t m4:1 --json) && ! grep -q '"host/' <<<"$pulled" && $capsule inspect m4:1 | grep cortex-m4; }
check "pull of one target" one_target
use by-digest
check "pull by digest" $capsule pull "$open/fashion@$(digest_in "$one")"
check "an unknown tag is an error" refused 3 "CAPSULE5032" $capsule pull $open/fashion:9
check "an unknown target is an error" refused 3 "has no target z80" $capsule pull $open/fashion:2 --target z80
check "where no registry is" refused 4 "CAPSULE5030" $capsule pull 127.0.0.1:9/fashion:2

# --- skopeo ---
if command -v skopeo >/dev/null; then
  use first
  from_registry() {
    skopeo copy --quiet --all --preserve-digests --src-tls-verify=false "docker://$open/fashion:1" "oci:$home/theirs:fashion:1" &&
      grep -F "$(digest_in "$one")" "$home/theirs/index.json"
  }
  check "skopeo copies what we pushed, digest unchanged" from_registry
  to_registry() {
    skopeo copy --quiet --all --preserve-digests --dest-tls-verify=false "oci:$NFR_HOME/images:fashion:1" "docker://$open/theirs/fashion:1" || return
    use from-skopeo
    local pulled
    pulled=$($capsule pull $open/theirs/fashion:1 --json) && [ "$(digest_in "$pulled")" = "$(digest_in "$one")" ]
  }
  check "we pull what skopeo pushed, digest unchanged" to_registry
else
  echo "left out: skopeo is not installed: images that it copies"
fi

if leave_out "registries that lost or changed a blob, with passwords and with TLS"; then
  finish
  exit
fi

# --- a registry that lost or changed a blob ---
use damaged
hurt=$(grep -B 1 -A 2 -m 1 '"title": "cortex-m4/model.nfrp"' <<<"$one" | grep -oE 'sha256:[0-9a-f]{64}') && hurt=${hurt#sha256:}
file=$home/open/docker/registry/v2/blobs/sha256/${hurt:0:2}/$hurt/data
damage() { [ -s "$file" ] && cp "$file" "$home/kept" && printf '\377\376\375' | dd of="$file" conv=notrunc bs=1 seek=100 status=none && ! cmp -s "$file" "$home/kept"; }
check "(a blob of the registry is changed)" damage
check "a changed blob is refused" refused 5 "content of another digest" $capsule pull $open/fashion:1
truncate -s -7 "$file"
check "a shorter blob is refused" refused 5 "CAPSULE5033" $capsule pull $open/fashion:1
nothing_there() { $capsule images | grep 'No images'; }
check "nothing of it is in the store" nothing_there
cp "$home/kept" "$file"
check "restored, it is pulled" $capsule pull $open/fashion:1

# --- passwords ---
hash=$(perl -e 'print crypt("correct horse", "\$2y\$05\$" . "nfRuntimeTestSaltEnough." )')
if [[ $hash == '$2y$'* ]]; then
  echo "ada:$hash" >"$home/htpasswd"
  start_registry locked "http: { addr: '127.0.0.1:PORT' }
auth: { htpasswd: { realm: test, path: $home/htpasswd } }"
  check "docker-registry with passwords answers" answers locked
  locked=127.0.0.1:$port
  use first
  check "without a login nothing is pushed" refused 3 "capsule login $locked" $capsule push fashion:1 $locked/fashion:1
  wrong_login() { refused 3 CAPSULE5031 $capsule login $locked -u ada --password-stdin <<<'wrong horse' && ! [ -e "$NFR_HOME/registries.json" ]; }
  check "a wrong password is refused and not kept" wrong_login
  right_login() { $capsule login $locked -u ada --password-stdin <<<'correct horse' >"$home/login.txt" 2>&1 && [ "$(stat -c %a "$NFR_HOME/registries.json")" = 600 ]; }
  check "login, kept with mode 600" right_login
  check "push with the login" $capsule push fashion:1 $locked/fashion:1
  check "pull with the login" $capsule pull $locked/fashion:1
  silent() { ! { cat "$home/login.txt"; $capsule pull $locked/fashion:1 --verbose; $capsule pull $locked/fashion:9 --verbose; } 2>&1 | grep -E "correct horse|$(printf 'ada:correct horse' | base64)"; }
  check "no output has the password" silent
  chmod 644 "$NFR_HOME/registries.json"
  check "a file of logins that others read is not used" refused 3 CAPSULE5036 $capsule pull $locked/fashion:1
  chmod 600 "$NFR_HOME/registries.json"
  check "logout" $capsule logout $locked
  check "after it nothing is pulled" refused 3 CAPSULE5031 $capsule pull $locked/fashion:1
else
  echo "left out: perl's crypt makes no bcrypt hashes here: a registry with passwords"
fi

# --- TLS ---
if command -v openssl >/dev/null; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout "$home/tls.key" -out "$home/tls.crt" 2>/dev/null
  start_registry sealed "http: { addr: '127.0.0.1:PORT', tls: { certificate: $home/tls.crt, key: $home/tls.key } }"
  check "docker-registry with TLS answers" answers sealed
  use first
  check "a certificate of nobody is refused" refused 5 CAPSULE5035 $capsule push fashion:1 localhost:$port/fashion:1 --tls
  trusted() { SSL_CERT_FILE=$home/tls.crt $capsule push fashion:1 localhost:$port/fashion:1 --tls; }
  check "a trusted one is taken" trusted
  other_name() { SSL_CERT_FILE=$home/tls.crt refused 5 CAPSULE5035 $capsule pull 127.0.0.1:$port/fashion:1 --tls; }
  check "but not for another name" other_name
  use over-tls
  pulled_over_tls() { SSL_CERT_FILE=$home/tls.crt $capsule pull localhost:$port/fashion:1 --tls | grep "$(digest_in "$one" | cut -c 1-19)"; }
  check "pull over TLS: the same digest" pulled_over_tls
else
  echo "left out: openssl is not installed: a registry with TLS"
fi
finish
