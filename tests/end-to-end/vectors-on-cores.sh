# alone with: artifacts/firmware/m4
# The plans of tests/vectors/plan through the runner: on this machine, and on the Cortex-M4 under QEMU.
cd "$(dirname "$0")/../.." || exit 1
python3 tests/firmware/runner/run_vectors.py
