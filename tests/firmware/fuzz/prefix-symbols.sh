#!/usr/bin/env bash
# Makes one object of a library, with another prefix on every symbol that it defines.
#   prefix-symbols.sh <ld> <nm> <objcopy> <library> <prefix> <object>
set -euo pipefail
ld=$1 nm=$2 objcopy=$3 library=$4 prefix=$5 object=$6
"$ld" -r --whole-archive "$library" -o "$object.whole"
"$nm" -g --defined-only "$object.whole" | awk -v prefix="$prefix" 'NF == 3 { print $3, prefix $3 }' >"$object.symbols"
[ -s "$object.symbols" ]
"$objcopy" --redefine-syms="$object.symbols" "$object.whole" "$object"
