# Power cuts at every flash operation of the store's scenarios: tests/powerloss. With --quick on three chips only, and without the
# seeded mutations.
. "$(dirname "$0")/common.sh"
if [ -n "${NFR_QUICK:-}" ]; then
  add_counts "power cuts, short" tests/powerloss --quick
else
  add_counts "power cuts" tests/powerloss
  add_counts "power cuts, ASan and UBSan" tests/powerloss --quick --sanitize --seed 2
  add_counts "seeded mutations of the store" tests/powerloss --mutations
fi
finish
