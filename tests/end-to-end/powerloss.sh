# Power cuts at every flash operation of the store's scenarios: tests/powerloss. With --quick on one chip only, and without the
# seeded mutations.
. "$(dirname "$0")/common.sh"
if leave_out "power cuts on 13 of 14 chips, under sanitizers, and the seeded mutations"; then
  add_counts "power cuts, short" tests/powerloss --quick --geometry ecc-2k-8
else
  add_counts "power cuts" tests/powerloss
  add_counts "power cuts, ASan and UBSan" tests/powerloss --quick --sanitize --seed 2
  add_counts "seeded mutations of the store" tests/powerloss --mutations
fi
finish
