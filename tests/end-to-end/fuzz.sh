# speed: long
# The fuzzers for a short fixed number of executions; tests/fuzz runs them for as long as asked.
. "$(dirname "$0")/common.sh"
for kernels in portable armv7em; do
  check "plan fuzzer, kernels of $kernels" tests/fuzz plan --kernels $kernels --runs 50000
done
check "manifest fuzzer" tests/fuzz manifest --runs 100000
check "facade fuzzer" tests/fuzz native --runs 20000
check "store fuzzer" tests/fuzz store --runs 100000
finish
