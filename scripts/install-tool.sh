#!/usr/bin/env bash
# Leaves the tool at artifacts/capsule: a launcher of what `dotnet build -c Release` made, wherever it is called from.
# Builds the tool first when it is not there.
set -euo pipefail
cd "$(dirname "$0")/.."
tool=artifacts/dotnet/bin/NfRuntime.Cli/release/capsule
[ -x "$tool" ] || dotnet build host-tools/NfRuntime.Cli -c Release -v q -nologo -nodeReuse:false
cat >artifacts/capsule.new <<'LAUNCHER'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/dotnet/bin/NfRuntime.Cli/release/capsule" "$@"
LAUNCHER
chmod +x artifacts/capsule.new
mv artifacts/capsule.new artifacts/capsule
echo artifacts/capsule
