# speed: long
# alone with: artifacts/firmware/m4
# The store's bars: flash read by a boot, write amplification and wear, code, RAM, flash time of a swap; a missed bar is a failure.
. "$(dirname "$0")/common.sh"
add_counts "store" timeout 300 tests/bench store --check
finish
