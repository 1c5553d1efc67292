# Sourced by quickstart.sh and test.sh: finds the tools that a step needs and installs what is missing.
# Debian and Ubuntu packages by apt; where that is not allowed, one sentence says what to install.

# What is missing, as apt packages. need <apt package> <probe command …>
NEEDED_PACKAGES=()
need() {
  local package=$1
  shift
  "$@" >/dev/null 2>&1 || NEEDED_PACKAGES+=("$package")
}

# has <command>: whether it is on PATH.
has() { command -v "$1"; }

# file_exists <glob …>: whether any of the files is there.
file_exists() { compgen -G "$1"; }

# Installs NEEDED_PACKAGES. Exit status 4 with a remedy when it may not.
install_needed() {
  [ ${#NEEDED_PACKAGES[@]} -gt 0 ] || return 0
  local packages=("${NEEDED_PACKAGES[@]}") elevate=()
  NEEDED_PACKAGES=()
  if ! command -v apt-get >/dev/null; then
    echo "missing: ${packages[*]} (Debian's names). This system has no apt: install them with its own package manager." >&2
    exit 4
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if sudo -n true 2>/dev/null; then
      elevate=(sudo -n)
    else
      echo "missing: ${packages[*]}" >&2
      echo "Install them and start again:  sudo apt-get install --no-install-recommends ${packages[*]}" >&2
      exit 4
    fi
  fi
  echo "installing: ${packages[*]}"
  local options=(-o DPkg::Lock::Timeout=500 -qq)
  "${elevate[@]}" apt-get "${options[@]}" update >/dev/null
  if ! "${elevate[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" install -y --no-install-recommends "${packages[@]}" >/dev/null; then
    echo "apt could not install: ${packages[*]}" >&2
    case " ${packages[*]} " in
      *" dotnet-sdk-10.0 "*) echo "The .NET 10 SDK is not among this system's packages: install it as https://dot.net says, so that 'dotnet --version' prints 10.x." >&2 ;;
    esac
    exit 4
  fi
}

dotnet_10() { dotnet --list-sdks | grep -q '^10\.'; }

# What every build needs.
need_build_tools() {
  need dotnet-sdk-10.0 dotnet_10
  need gcc has gcc
  need libc6-dev file_exists '/usr/include/stdio.h'
  need cmake has cmake
  need make has make
  need libmbedtls-dev file_exists '/usr/include/mbedtls/ecdsa.h'
  need mosquitto file_exists '/usr/sbin/mosquitto'
  need libmosquitto1 file_exists '/usr/lib/*/libmosquitto.so.1'
}

# What only the tests need.
need_test_tools() {
  need pkg-config has pkg-config
  need libcmocka-dev file_exists '/usr/include/cmocka.h'
  need clang-14 has clang-14
  need llvm-14 has llvm-profdata-14
  need libclang-rt-14-dev file_exists '/usr/lib/llvm-14/lib/clang/14*/lib/linux/libclang_rt.fuzzer-x86_64.a'
  need gcc-arm-none-eabi has arm-none-eabi-gcc
  need libnewlib-arm-none-eabi file_exists '/usr/lib/arm-none-eabi/include/stdio.h'
  need qemu-system-arm has qemu-system-arm
  need skopeo has skopeo
  need docker-registry has docker-registry
  need openssl has openssl
  need dataset-fashion-mnist file_exists '/usr/share/datasets/fashion-mnist/t10k-images*'
  need python3-numpy /usr/bin/python3 -c 'import numpy'
}

jobs_here() { nproc 2>/dev/null || echo 2; }

# marked <NAME=value>: ids of the processes whose environment had this variable, with a value that begins so, when they started.
marked() { { grep -lzs "^$1" /proc/[0-9]*/environ || true; } | cut -d / -f 3; }

# end_marked <NAME=value>: ends them, and prints each.
end_marked() {
  local pid
  for pid in $(marked "$1"); do
    echo "$pid: $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")"
    kill "$pid" 2>/dev/null || true
  done
  for _ in $(seq 30); do [ -n "$(marked "$1")" ] || return 0; sleep 0.1; done
}

# CMake's options of the builds that several scripts share: artifacts/firmware/host-asan and artifacts/firmware/m4.
SANITIZED=(-DNFR_SANITIZE=address,undefined -DNFR_OPTIMIZE=-O1)
CORTEX_M4=(--toolchain cmake/arm-none-eabi.cmake -DNFR_CPU=cortex-m4)

# build_firmware <folder below artifacts/firmware> [--target NAME]… <cmake options …>: quiet, the log only on failure. Two at once wait for
# each other; CMake configures again when the options or its files have changed.
build_firmware() (
  folder=artifacts/firmware/$1 targets=()
  shift
  while [ "${1:-}" = --target ]; do targets+=("$2"); shift 2; done
  mkdir -p "$folder"
  exec 9>"$folder/lock" && flock 9
  configured() { [ -f "$folder/Makefile" ] && [ "$(cat "$folder/options" 2>/dev/null)" = "$*" ] || { cmake -S firmware -B "$folder" "$@" && echo "$*" >"$folder/options"; }; }
  { configured "$@" && cmake --build "$folder" -j"$(jobs_here)" ${targets[0]+--target "${targets[@]}"}; } >"$folder/build.log" 2>&1 ||
    { tail -40 "$folder/build.log" >&2; echo "the firmware did not build ($folder/build.log)" >&2; exit 1; }
)

# Where NuGet locks packages against other restores, whatever the temporary folder is.
export NUGET_SCRATCH=${NUGET_SCRATCH:-${TMPDIR:-/tmp}/NuGetScratch$(id -un)}

# tidy_dotnet <arguments …>: dotnet, with a temporary folder of its own: the SDK leaves folders, sockets and a compiler server behind.
tidy_dotnet() (
  TMPDIR=$(mktemp -d -t nfr-XXXXXX)
  export TMPDIR NFR_SDK=$TMPDIR/
  trap 'end_marked "NFR_SDK=$NFR_SDK" >/dev/null; rm -rf "$TMPDIR" || true' EXIT
  dotnet "$@"
)

# build_dotnet [PROJECT]: the whole solution, or a filter or project of it, Release, quiet.
build_dotnet() {
  local what=${1:-nf-runtime.sln} log
  log=artifacts/build-$(basename "$what").log
  mkdir -p artifacts
  tidy_dotnet build "$what" -c Release -v q -nologo -nodeReuse:false >"$log" 2>&1 || { tail -40 "$log" >&2; echo "$what did not build ($log)" >&2; return 1; }
}
