# speed: long
# The fuzzers for a short fixed number of executions; tests/fuzz runs them for as long as asked.
. "$(dirname "$0")/common.sh"
check "plan fuzzer" tests/fuzz plan --runs 100000
check "manifest fuzzer" tests/fuzz manifest --runs 100000
finish
