#!/usr/bin/env bash
# Leaves the tool at artifacts/capsule: a launcher of what `dotnet build -c Release` made, wherever it is called from.
# Builds the tool first when it is not there.
#   bash scripts/install-tool.sh                   the tool as built
#   bash scripts/install-tool.sh --ready-to-run    compiled ahead of time as well, where that package restores: starts in about two thirds of
#                                                  the time; used until the tool is built again
set -euo pipefail
cd "$(dirname "$0")/.."
tool=artifacts/dotnet/bin/NfRuntime.Cli/release/capsule
. scripts/tools.sh
[ -x "$tool" ] || build_dotnet host-tools/NfRuntime.Cli
if [ "${1:-}" = --ready-to-run ]; then
  dotnet publish host-tools/NfRuntime.Cli -c Release -v q -nologo -nodeReuse:false --use-current-runtime --self-contained false \
    -p:PublishReadyToRun=true -p:ArtifactsPath="$PWD/artifacts/ready-to-run" -o artifacts/ready-to-run/capsule
fi
cat >artifacts/capsule.new <<'LAUNCHER'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
built=$here/dotnet/bin/NfRuntime.Cli/release/capsule
ready=$here/ready-to-run/capsule/capsule
if [ "$ready.dll" -nt "$built.dll" ]; then exec "$ready" "$@"; fi
exec "$built" "$@"
LAUNCHER
chmod +x artifacts/capsule.new
mv artifacts/capsule.new artifacts/capsule
echo artifacts/capsule
