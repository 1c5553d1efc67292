# speed: long
# Each rule of the validators is needed: with any one of them switched off, a test fails.
. "$(dirname "$0")/common.sh"
for script in tests/firmware/*/mutate-rules.*; do
  add_counts "$script" bash "$script"
done
finish
